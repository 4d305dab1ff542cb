# Values that stand in tests/reference/dyad.rs, by R's own functions and lavaan.
# R 4.2.2, lavaan 0.6-14. Run: Rscript tools/reference/dyads.R
d5 <- read.csv(text = "dyad,session,c1,c2,c3,c4,w
1,1,6,6,5,5,4.4
1,2,5,5,3,4,4.4
1,3,5,5,5,6,4.6
1,4,5,6,6,4,4.4
1,5,5,4,6,6,4
2,1,4,4,4,4,4.3
2,2,5,5,4,4,4.4
2,3,5,5,6,5,4.9
2,4,5,6,5,3,3.6
2,5,5,6,4,5,4.6
3,1,4,4,4,4,4.3
3,2,4,5,5,5,4.7
3,3,6,6,4,6,5.1
3,4,4,4,4,4,4.4
3,5,5,4,5,5,4.6
4,1,2,1,2,3,2.7
4,2,1,2,2,1,2.9
4,3,3,2,3,3,3.3
4,4,2,2,2,1,3.4
4,5,4,3,4,2,3.7
5,1,4,4,4,4,3.4
5,2,3,3,3,4,4
5,3,5,3,3,3,4
5,4,5,4,5,3,4
5,5,5,4,4,4,4.5
6,1,5,6,7,6,5.4
6,2,6,5,6,5,5.2
6,3,6,6,7,6,5.2
6,4,6,6,6,5,5.1
6,5,7,5,7,6,6.1")
d5$cg <- rowMeans(d5[, c("c1", "c2", "c3", "c4")])
d5$d <- d5$cg - d5$w
cat("one-way mean squares of the difference\n")
print(summary(aov(d ~ factor(dyad), d5))[[1]][["Mean Sq"]], digits = 12)
cat("detrended correlations\n")
for (i in 1:6) {
  x <- d5[d5$dyad == i, ]
  cat(sprintf("%.9f ", cor(resid(lm(cg ~ session, x)), resid(lm(w ~ session, x)))))
}
cat("\n")
cg <- c(5.8, 6.1, 4.9, 6.4, 5.2, 6.8, 5.5, 4.4, 6.0, 6.6, 5.1, 5.9)
wk <- c(5.1, 5.9, 4.2, 5.6, 5.4, 6.0, 4.8, 4.6, 5.2, 6.1, 4.3, 5.5)
oc <- c(7.1, 8.0, 5.6, 7.7, 6.6, 8.9, 6.9, 5.4, 7.2, 8.6, 5.9, 7.4)
ow <- c(6.0, 7.2, 5.1, 6.6, 6.7, 7.0, 5.7, 5.9, 6.4, 7.5, 5.0, 6.3)
library(lavaan)
fit <- sem("oc ~ a1*cg + p1*wk
            ow ~ a2*wk + p2*cg
            oc ~~ ow", data.frame(cg, wk, oc, ow))
cat("Wald tests of equal effects, chi-square (maximum likelihood)\n")
print(c(lavTestWald(fit, "a1 == a2")$stat, lavTestWald(fit, "p1 == p2")$stat,
        lavTestWald(fit, "a1 == a2\np1 == p2")$stat), digits = 10)
