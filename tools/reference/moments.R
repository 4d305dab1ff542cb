# Reference values of the room `moments` and of sampling adequacy: writes tests/reference/expected/moments_holzinger.json.
# Run from the root of the project: Rscript tools/reference/moments.R
suppressMessages({library(psych); library(lavaan); library(jsonlite)})

hs <- read.csv("tests/reference/data/holzinger_swineford_1939.csv")[, paste0("x", 1:9)]
r <- cor(hs)

# Gaps at fixed places: x1 in rows 1, 11, 21, …; x5 in rows 3, 10, 17, …; x9 in rows 2, 7, 12, ….
gaps <- hs
gaps$x1[seq(1, 301, 10)] <- NA
gaps$x5[seq(3, 301, 7)] <- NA
gaps$x9[seq(2, 301, 5)] <- NA

kmo <- KMO(r)
em <- lavInspect(cfa(paste("f =~", paste(names(hs), collapse = " + ")), gaps, missing = "ml"), "sampstat")
bartlett <- cortest.bartlett(r, n = nrow(hs))
out <- list(
  provenance = list(
    R = R.version.string,
    packages = list(psych = as.character(packageVersion("psych")), lavaan = as.character(packageVersion("lavaan"))),
    script = "tools/reference/moments.R"
  ),
  kmo = kmo$MSA, kmo_items = unname(kmo$MSAi),
  bartlett = list(chisq = bartlett$chisq, df = bartlett$df),
  smc = unname(smc(r)), eigenvalues = eigen(r)$values,
  gaps = list(
    pairwise = unname(cov(gaps, use = "pairwise")),
    pairs = range(crossprod(!is.na(as.matrix(gaps)))[lower.tri(r)]),
    em_mean = unname(as.vector(em$mean)), em_cov = unname(unclass(em$cov)[,])
  )
)
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "tests/reference/expected/moments_holzinger.json")
