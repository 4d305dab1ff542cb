//! Do tests hold their level, and are chances what they are said to be? Quick forms; each names its full form.

mod sessions;

mod mixed;

mod reliability;
