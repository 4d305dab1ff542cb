# Reference values for courses over sessions: base R alone. Rscript tools/reference/session.R
options(digits = 12)
Y <- c(5.2,5.3,5.5,5.4,4.1,5.3,5.6,5.7,5.6,5.8,5.0,4.6,4.4,5.2,5.8,5.9,6.0,4.8,4.7,4.9)
t <- seq_along(Y); n <- length(Y)
cat(R.version.string, "\n")
cat("spreads", sd(Y), summary(lm(Y ~ t))$sigma, summary(lm(Y ~ t + I(t^2)))$sigma, sd(diff(Y)),
    mean(abs(diff(Y))) / 1.128, median(abs(diff(Y))) / .954, "\n")
c4 <- sqrt(2 / (n - 1)) * gamma(n / 2) / gamma((n - 1) / 2)
cat("sd / c4", sd(Y) / c4, "\n")
r <- resid(lm(Y ~ t)); cat("detrended sigma", mean(abs(diff(r))) / 1.128, "last", fitted(lm(Y ~ t))[n], "\n")
s <- mean(abs(diff(Y))) / 1.128; keep <- abs(Y - mean(Y)) <= 3 * s
cat("two passes: out", which(!keep), "sigma", mean(abs(diff(Y[keep]))) / 1.128, "center", mean(Y[keep]), "\n")
line <- lm(Y ~ t); cat("residuals 5, 13", (resid(line) / summary(line)$sigma)[c(5, 13)], rstudent(line)[c(5, 13)], "\n")
cat("lag one", acf(Y, plot = FALSE)$acf[2], "mssd", mean(diff(Y)^2), "\n")
sse <- function(y) sum((y - mean(y))^2)
cat("split", which.min(sapply(1:(n - 1), function(k) sse(Y[1:k]) + sse(Y[(k + 1):n]))), "\n")
b <- Y[1:8]; cat("baseline lower", mean(b) - 3 * mean(abs(diff(b))) / 1.128, "\n")
