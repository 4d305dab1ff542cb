//! Two members of a dyad: who pairs with whom, how alike they see the alliance, and what follows from it.

mod actor_partner;
mod congruence;
mod drift;
mod pairing;
mod profile;
mod surface;
mod truth_bias;

pub use actor_partner::{
    ActorPartner, ActorPartnerConfig, Divisor, Effect, Quartet, Side, Wald, actor_partner,
};
pub use congruence::{Congruence, DyadCongruence, Pooled, SessionPair, congruence};
pub use drift::{Drift, DriftConfig, Gap, drift};
pub use pairing::{Attendance, Pair, Pairing, Unpaired, pair_roles};
pub use profile::{ProfileSimilarity, profile_similarity};
pub use surface::{Axis, Center, Surface, SurfaceConfig, Triple, response_surface};
pub use truth_bias::{TruthBias, TruthBiasConfig, Varies, truth_and_bias};
