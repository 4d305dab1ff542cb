# Codes beside scores, by brute force in base R. Rscript tools/reference/events.R
options(digits = 12)
d5 <- rbind(c(6,6,5,5),c(5,5,3,4),c(5,5,5,6),c(5,6,6,4),c(5,4,6,6),c(4,4,4,4),c(5,5,4,4),c(5,5,6,5),c(5,6,5,3),c(5,6,4,5),
  c(4,4,4,4),c(4,5,5,5),c(6,6,4,6),c(4,4,4,4),c(5,4,5,5),c(2,1,2,3),c(1,2,2,1),c(3,2,3,3),c(2,2,2,1),c(4,3,4,2),
  c(4,4,4,4),c(3,3,3,4),c(5,3,3,3),c(5,4,5,3),c(5,4,4,4),c(5,6,7,6),c(6,5,6,5),c(6,6,7,6),c(6,6,6,5),c(7,5,7,6))
y <- matrix(rowMeans(d5), 5)                       # sessions by dyads
y[4, 2] <- NA                                      # dyad 2 gave no score in session 4
codes <- list(
  a = matrix(c(0,1,0,0,0, 0,0,0,1,0, 1,0,0,1,0, 0,1,0,1,0, 0,1,0,0,0, 0,0,0,0,0), 5),
  b = matrix(c(0,0,1,0,1, 0,0,1,0,0, 0,0,1,0,0, 0,0,0,0,1, 0,0,0,1,1, 1,1,1,1,1), 5))
codes$a[5, 3] <- NA; codes$b[5, 3] <- NA           # session 5 of dyad 3 was not coded
diff1 <- function(y, x) {
  t <- seq_along(y); ok <- !is.na(y) & !is.na(x); if (sum(ok) < 3) return(NA)
  e <- resid(lm(y[ok] ~ t[ok])); x <- x[ok]
  if (all(x == 1) || all(x == 0)) return(NA)
  mean(e[x == 0]) - mean(e[x == 1])
}
stat <- function(d) if (all(is.na(d))) 0 else mean(d, na.rm = TRUE)
perms <- function(v) if (length(v) == 1) list(v) else
  do.call(c, lapply(seq_along(v), function(i) lapply(perms(v[-i]), function(p) c(v[i], p))))
P <- perms(1:6)
spread <- function(x) sqrt(mean((x - mean(x))^2))
report <- function(S) {                            # arrangements by codes, the observed one first
  z <- abs(sweep(S, 2, apply(S, 2, spread), "/")); top <- apply(z, 1, max)
  for (c in colnames(S)) cat(c, "n", nrow(S), "p", mean(abs(S[, c]) >= abs(S[1, c]) - 1e-9),
    "corrected", mean(top >= z[1, c] - 1e-9), "smallest", mean(abs(S[, c] - S[1, c]) <= 1e-9), "\n")
}
tab <- lapply(codes, function(x) outer(1:6, 1:6, Vectorize(function(i, j) diff1(y[, i], x[, j]))))
S <- sapply(tab, function(m) sapply(P, function(p) stat(m[cbind(1:6, p)])))
cat("exchange\n"); report(S)
cat("differences\n"); print(sapply(tab, diag)); print(S[1, ])
shifts <- lapply(codes, function(x) lapply(1:6, function(i) {
  ok <- which(!is.na(y[, i]) & !is.na(x[, i])); n <- length(ok)
  sapply(0:(n - 1), function(s) { z <- rep(NA, 5); z[ok] <- x[ok[(seq_len(n) - 1 - s) %% n + 1], i]; diff1(y[, i], z) })
}))
grid <- as.matrix(expand.grid(lapply(shifts$a, seq_along)))
T <- sapply(shifts, function(sh) apply(grid, 1, function(g) stat(mapply(function(s, k) s[k], sh, g))))
cat("shift\n"); report(T)
nap <- function(x) { pairs <- sapply(1:6, function(i) { ok <- !is.na(y[, i]) & !is.na(x[, i])
    a <- y[ok & x[, i] == 1, i]; b <- y[ok & x[, i] == 0, i]; d <- outer(b, a, "-"); c(sum((d > 0) + .5 * (d == 0)), length(d)) })
  sum(pairs[1, ]) / sum(pairs[2, ]) }
cat("nap", sapply(codes, nap), "\n")
