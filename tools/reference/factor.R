# Reference values of the room `factor`: writes tests/reference/expected/factor.json.
# Run from the root of the project: Rscript tools/reference/factor.R
suppressMessages({library(psych); library(lavaan); library(GPArotation); library(jsonlite)})

hs <- read.csv("tests/reference/data/holzinger_swineford_1939.csv")[, paste0("x", 1:9)]
wai <- fromJSON("tests/reference/expected/reliability_wai_sr.json")$total$cov
dimnames(wai) <- list(paste0("w", 1:12), paste0("w", 1:12))
# A Heywood case: the first item shares more with the others than it has variance.
heywood <- matrix(c(1, .80, .75, .70, .80, 1, .50, .45, .75, .50, 1, .40, .70, .45, .40, 1), 4)
dimnames(heywood) <- list(paste0("h", 1:4), paste0("h", 1:4))

one <- function(cov, n, equal = FALSE) {
  items <- colnames(cov)
  coefficient <- if (equal) "l*" else "NA*"
  model <- paste("f =~", paste0(coefficient, items, collapse = " + "))
  fit <- cfa(model, sample.cov = cov, sample.nobs = n, std.lv = TRUE)
  est <- parameterEstimates(fit)
  loading <- est[est$op == "=~", ]
  unique <- est[est$op == "~~" & est$lhs %in% items, ]
  list(loadings = loading$est, loadings_se = loading$se, uniquenesses = unique$est, uniquenesses_se = unique$se,
       chisq = unname(fitMeasures(fit, "chisq")), df = unname(fitMeasures(fit, "df")))
}
omega_se <- function(cov, n) {
  items <- colnames(cov)
  model <- paste0("f =~ ", paste0("NA*", items, " + l", items, "*", items, collapse = " + "), "\n",
                  paste0(items, " ~~ t", items, "*", items, collapse = "\n"), "\n",
                  "omega := (", paste0("l", items, collapse = " + "), ")^2 / ((", paste0("l", items, collapse = " + "),
                  ")^2 + ", paste0("t", items, collapse = " + "), ")")
  est <- parameterEstimates(cfa(model, sample.cov = cov, sample.nobs = n, std.lv = TRUE))
  est$se[est$op == ":="]
}
both <- function(cov, n) {
  free <- one(cov, n)
  equal <- one(cov, n, TRUE)
  list(n = n, free = free, equal = equal, difference = equal$chisq - free$chisq, omega_se = omega_se(cov, n))
}

rotated <- function(loadings, seed = 1) {
  set.seed(seed)
  runs <- lapply(1:10, function(i) oblimin(loadings, Tmat = Random.Start(ncol(loadings)), eps = 1e-6, maxit = 3000))
  value <- function(run) min(run$Table[, 2])
  best <- runs[[which.min(sapply(runs, value))]]
  list(loadings = unname(unclass(best$loadings)[,]), phi = unname(best$Phi), criterion = value(best))
}
hierarchy <- function(r, m) {
  extracted <- fa(r, m, rotate = "none", fm = "minres")
  sl <- schmid(r, m, fm = "minres", rotate = "oblimin")$sl
  list(factors = m, uniquenesses = unname(extracted$uniquenesses), loadings = unname(unclass(extracted$loadings)[,]),
       oblimin = rotated(unclass(extracted$loadings)),
       general = unname(sl[, 1]), group = unname(sl[, 1 + (1:m)]), u2 = unname(sl[, "u2"]))
}

out <- list(
  provenance = list(
    R = R.version.string,
    packages = sapply(c("psych", "lavaan", "GPArotation"), function(p) as.character(packageVersion(p)), simplify = FALSE),
    script = "tools/reference/factor.R"
  ),
  one_factor = list(holzinger = both(cov(hs), nrow(hs)), wai = both(wai, 40),
                    heywood = list(n = 200, cov = unname(heywood), free = suppressWarnings(one(heywood, 200)))),
  thurstone = list(r = unname(as.matrix(Thurstone)), three = hierarchy(Thurstone, 3), two = hierarchy(Thurstone, 2)),
  holzinger = hierarchy(cor(hs), 3)
)
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "tests/reference/expected/factor.json")
