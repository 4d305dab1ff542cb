# Percentile and BCa limits of alpha, standardized alpha and mean r by R's boot, for tests/reference/expected/bootstrap.json.
#   Rscript tools/reference/bootstrap.R > tests/reference/expected/bootstrap.json
# The first 200 rows of bfi.csv that are complete on E1 to E5, E1 and E2 reversed as 7 - x; 200 000 draws.
library(boot)
d <- read.csv("tests/reference/data/bfi.csv")[, paste0("E", 1:5)]
d <- as.matrix(head(d[complete.cases(d), ], 200))
d[, 1:2] <- 7 - d[, 1:2]
statistics <- function(x, i) {
  s <- cov(x[i, ])
  k <- ncol(s)
  r <- mean(cov2cor(s)[lower.tri(s)])
  c(alpha = k / (k - 1) * (1 - sum(diag(s)) / sum(s)), alpha_standardized = k * r / (1 + (k - 1) * r), mean_r = r)
}
set.seed(1)
b <- boot(d, statistics, R = 200000)
out <- sapply(1:3, function(j) {
  ci <- boot.ci(b, type = c("perc", "bca"), index = j, L = empinf(b, type = "jack", index = j))
  sprintf('  "%s": {"estimate": %.12f, "se": %.6f, "percentile": [%.6f, %.6f], "bca": [%.6f, %.6f]}', names(b$t0)[j],
          b$t0[j], sd(b$t[, j]), ci$percent[4], ci$percent[5], ci$bca[4], ci$bca[5])
})
cat("{\n", sprintf('  "provenance": {"R": "%s", "packages": {"boot": "%s"}, "draws": 200000, "seed": 1, "script": "tools/reference/bootstrap.R"},\n',
    R.version.string, as.character(packageVersion("boot"))), paste(out, collapse = ",\n"), "\n}\n", sep = "")
