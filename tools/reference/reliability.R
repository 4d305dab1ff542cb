# More reference values of the room `reliability`: writes tests/reference/expected/reliability_relatives.json.
# Run from the root of the project: Rscript tools/reference/reliability.R
suppressMessages({library(psych); library(lavaan); library(semTools); library(jsonlite)})

bfi <- read.csv("tests/reference/data/bfi.csv")
reversed <- c("A1", "C4", "C5", "E1", "E2", "O2", "O5")
bfi[reversed] <- 7 - bfi[reversed]
scales <- list(agree = "A", consc = "C", extra = "E", neuro = "N", open = "O")

of <- function(letter) {
  items <- paste0(letter, 1:5)
  x <- na.omit(bfi[, items])
  model <- paste("f =~", paste0("NA*", items, collapse = " + "))
  fit <- cfa(model, x, std.lv = TRUE)
  l <- standardizedSolution(fit)
  l <- l$est.std[l$op == "=~"]
  # psych's splitHalf looks at half of the splits of an odd number of items; these are all of them.
  halves <- apply(combn(5, 2), 2, function(half) 4 * sum(cov(x)[half, -half]) / sum(cov(x)))
  mu <- tenberge(cor(x))
  list(
    mu = c(mu$mu0, mu$mu1, mu$mu2, mu$mu3),
    glb_fa = glb.fa(cor(x))$glb,
    halves = list(min = min(halves), mean = mean(halves), max = max(halves)),
    standardized = l,
    h = 1 / (1 + 1 / sum(l^2 / (1 - l^2))),
    composite = sum(l)^2 / (sum(l)^2 + sum(1 - l^2)),
    ave = mean(l^2),
    ave_covariance_weighted = unname(suppressMessages(AVE(fit)))
  )
}

thurstone <- omega(Thurstone, 3, n.obs = 213, plot = FALSE)
out <- list(
  provenance = list(
    R = R.version.string,
    packages = lapply(c(psych = "psych", lavaan = "lavaan", semTools = "semTools"), function(p) as.character(packageVersion(p))),
    script = "tools/reference/reliability.R"
  ),
  bfi = lapply(scales, of),
  thurstone = list(r = unname(Thurstone), omega_h = thurstone$omega_h, omega_total = thurstone$omega.tot,
                   omega_limit = thurstone$omega.lim, ecv = thurstone$ECV, group = unname(as.matrix(thurstone$omega.group)))
)
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE), "tests/reference/expected/reliability_relatives.json")
