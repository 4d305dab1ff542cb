# What lme4's growth model of the reference data expects of single sessions, with and without them, and how the slopes of
# dyads differ; writes tests/reference/expected/sample_course.json. Run from the top folder: Rscript tools/reference/sample_course.R
suppressMessages(library(lme4)); library(jsonlite)
d <- read.csv("tests/reference/data/sessions_three_level.csv"); d$time <- d$session-1
m <- lmer(score ~ time + (time|dyad), d, control=lmerControl(optimizer="bobyqa",optCtrl=list(rhoend=1e-10,maxfun=1e5),calc.derivs=FALSE))
s2 <- sigma(m)^2; G <- matrix(VarCorr(m)$dyad,2); b <- fixef(m)
one <- function(id){ x <- d[d$dyad==id,]; Z <- cbind(1,x$time); V <- Z%*%G%*%t(Z)+diag(s2,nrow(x)); W <- solve(V); r <- x$score-Z%*%b; e <- as.vector(W%*%r)
 list(dyad=id, score=x$score, session=x$session, own_line=as.vector(fitted(m)[d$dyad==id]), left_out=x$score-e/diag(W), left_out_sd=1/sqrt(diag(W)))}
re <- ranef(m, condVar=TRUE)$dyad; pv <- attr(re,"postVar")
ids <- c(11, 62)
out <- list(line=unname(b), variances=diag(G), covariance=G[1,2], residual_variance=s2, dyads=lapply(ids,one),
 slopes=list(dyad=rownames(re), deviation=re$time, conditional_sd=sqrt(pv[2,2,])))
out$provenance <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")))
write(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "tests/reference/expected/sample_course.json")
