# An independent simulation of how often rules fire when nothing changes: base R alone, written from the descriptions of the
# rules. Rscript tools/reference/false_alarms.R   (about a minute)
set.seed(20250801)
N <- 20000
course <- function(n, phi, sd = 1) {
  z <- rnorm(n); a <- z
  if (phi != 0) for (i in 2:n) a[i] <- phi * a[i - 1] + sqrt(1 - phi^2) * z[i]
  sd * a
}
falls <- function(y) -diff(y)
fixed <- function(y, d) sum(falls(y) >= d)
stiles <- function(y) {
  t <- seq_along(y); s <- summary(lm.fit <- lm(y ~ t))$sigma
  d <- falls(y); sum(d >= 2 * s & y[-length(y)] >= mean(y))
}
stiles_fast <- function(y) {
  n <- length(y); t <- seq_len(n) - (n + 1) / 2
  b <- sum(t * y) / sum(t^2); e <- y - mean(y) - b * t
  s <- sqrt(sum(e^2) / (n - 2)); sum(falls(y) >= 2 * s & y[-n] >= mean(y))
}
one_sd_diff <- function(y) sum(falls(y) >= sd(diff(y)))
sigma_mr <- function(y) mean(abs(diff(y))) / 1.128
# Stays below the lower limit: neighbouring sessions below are one.
below <- function(y) { out <- y < mean(y) - 3 * sigma_mr(y); sum(out & !c(FALSE, head(out, -1))) }
r1 <- function(y) any(abs(y - mean(y)) > 3 * sigma_mr(y))
r7 <- function(y) {
  m <- median(y); s <- sign(y - m); s <- s[s != 0]; r <- rle(s)
  n <- length(s); max(r$lengths) > round(log2(n) + 3) || length(r$lengths) - 1 < qbinom(.05, n - 1, .5)
}
share <- function(out, k, of) { n <- length(out); any(sapply(k:n, function(i) out[i] && sum(out[max(1, i - of + 1):i]) >= k)) }
r234 <- function(y) {
  z <- (y - mean(y)) / sigma_mr(y)
  for (s in c(-1, 1)) if (share(s * z > 2, 2, 3) || share(s * z > 1, 4, 5) || share(s * z > 0, 8, 8)) return(TRUE)
  FALSE
}
cumulated <- function(y, d) {          # maximal runs without a rise, counted where they fall by d or more, repaired by half
  n <- length(y); i <- 1; count <- 0; open <- NULL
  while (i < n) {
    if (y[i + 1] < y[i]) {
      j <- i + 1; while (j < n && y[j + 1] <= y[j]) j <- j + 1
      if (!is.null(open)) {
        back <- which(seq_along(y) > open[2] & y >= y[open[2]] + .5 * (y[open[1]] - y[open[2]]))
        if (length(back) && back[1] <= i) open <- NULL
      }
      if (is.null(open)) { if (y[i] - y[j] >= d) { count <- count + 1; open <- c(i, j) } }
      else if (y[j] < y[open[2]]) open[2] <- j
      i <- j
    } else i <- i + 1
  }
  count
}
srs <- function(y) { n <- length(y); any(y < 36 - 1e-9) || any(falls(y) >= 1 - 1e-9) }
line <- function(what, x) cat(sprintf("%-46s mean %.4f any %.4f se %.4f\n", what, mean(x), mean(x > 0), sd(x > 0) / sqrt(N)))
cat(R.version.string, "\n")
for (n in c(10, 20)) for (phi in c(0, .3, .6)) {
  Y <- replicate(N, course(n, phi))
  head <- sprintf("n %d phi %.1f", n, phi)
  line(paste(head, "fall 1.96 sqrt2 sd"), apply(Y, 2, fixed, 1.96 * sqrt(2)))
  line(paste(head, "fall 1.96 sqrt2 sd cumulative"), apply(Y, 2, cumulated, 1.96 * sqrt(2)))
  line(paste(head, "stiles2004_like"), apply(Y, 2, stiles_fast))
  line(paste(head, "sd_diff:1"), apply(Y, 2, one_sd_diff))
  line(paste(head, "control_chart lower"), apply(Y, 2, below))
  a <- apply(Y, 2, r1); line(paste(head, "R1"), a)
  b <- apply(Y, 2, r7); line(paste(head, "R7"), b)
  line(paste(head, "R1 or R7"), a | b)
  line(paste(head, "R1 to R4"), a | apply(Y, 2, r234))
}
# On a grid of a twelfth of a point, within 1 to 7, around 6.5: the ceiling cuts falls from above.
for (phi in c(0, .3)) {
  Y <- replicate(N, pmin(7, pmax(1, round((6.5 + course(20, phi, .4)) * 12) / 12)))
  line(sprintf("n 20 phi %.1f near the ceiling, points:1", phi), apply(Y, 2, fixed, 1 - 1e-9))
}
line("n 20 SRS 37, sd .5, tenths: falls of 1", apply(replicate(N, round(37 + course(20, 0, .5), 1)), 2, fixed, 1 - 1e-9))
line("n 20 SRS 37, sd .5, lines: falls of 1", apply(replicate(N, 37 + course(20, 0, .5)), 2, fixed, 1))
