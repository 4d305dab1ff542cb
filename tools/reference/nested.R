# Mixed models of the reference data by lme4, lmerTest, pbkrtest and nlme; writes tests/reference/expected/nested.json.
# Run from the top folder: Rscript tools/reference/nested.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(jsonlite)})
folder <- "tests/reference/data/"
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5),
                     check.nobs.vs.nRE = "ignore", calc.derivs = FALSE)
loose <- function(model) {
  vc <- as.data.frame(VarCorr(model))
  s <- as.data.frame(coef(summary(model, ddf = "Satterthwaite")))
  list(formula = deparse1(formula(model)), n = nobs(model), vc = vc,
       log_likelihood = as.numeric(logLik(model)),
       satterthwaite = data.frame(term = rownames(s), s, check.names = FALSE),
       kenward_roger = if (isREML(model)) {
         k <- as.data.frame(coef(summary(model, ddf = "Kenward-Roger")))
         data.frame(term = rownames(k), k, check.names = FALSE)
       },
       ranef_first = lapply(ranef(model, condVar = FALSE), function(x) as.list(x[1, , drop = FALSE])),
       conditional_se_first = lapply(ranef(model, condVar = TRUE), function(x) {
         v <- attr(x, "postVar")
         if (is.list(v)) sapply(v, function(v) sqrt(v[1, 1, 1])) else sqrt(diag(as.matrix(v[, , 1])))
       }))
}
fit <- function(formula, data, REML = TRUE) {
  loose(lmerTest::lmer(formula, data, REML = REML, control = tight))
}
out <- list(provenance = list(R = R.version.string, packages = as.list(sapply(
  c("lme4", "lmerTest", "pbkrtest", "nlme"), function(p) as.character(packageVersion(p))))))

raters <- read.csv(paste0(folder, "raters_three.csv"))
raters$unit <- seq_len(nrow(raters))
long <- reshape(raters, direction = "long", varying = setdiff(names(raters), "unit"), v.names = "rating",
                timevar = "rater", idvar = "unit")
long <- long[!is.na(long$rating), ]
long$shifted <- long$rating + 0.5 * (long$rater == unique(long$rater)[2])
out$raters <- list(shifted = fit(shifted ~ 1 + (1 | unit) + (1 | rater), long),
                   crossed = fit(rating ~ 1 + (1 | unit) + (1 | rater), long),
                   crossed_ml = fit(rating ~ 1 + (1 | unit) + (1 | rater), long, FALSE))

sessions <- read.csv(paste0(folder, "sessions_three_level.csv"))
sessions$time <- sessions$session - 1
sessions$dyad <- factor(sessions$dyad); sessions$worker <- factor(sessions$worker)
out$sessions <- list(
  quadratic = fit(score ~ time + I(time^2) + (time | dyad), sessions),
  quadratic_ml = fit(score ~ time + I(time^2) + (time | dyad), sessions, FALSE),
  worker_slope = fit(score ~ time + (1 | dyad) + (time | worker), sessions),
  few = fit(score ~ time + (time | dyad), subset(sessions, as.integer(dyad) <= 6)),
  null = fit(score ~ 1 + (1 | worker/dyad), sessions))
for (serial in c("exponential", "ar1_slope", "gls")) {
  m <- switch(serial,
    exponential = lme(score ~ time, random = ~ 1 | dyad, data = sessions, correlation = corExp(form = ~ time | dyad)),
    ar1_slope = lme(score ~ time, random = ~ 1 | worker/dyad, data = sessions,
                    correlation = corCAR1(form = ~ time | worker/dyad)),
    gls = gls(score ~ time, data = sessions, correlation = corAR1(form = ~ time | dyad), method = "ML"))
  v <- if (inherits(m, "lme")) VarCorr(m) else NULL
  out$sessions[[serial]] <- list(
    log_likelihood = as.numeric(logLik(m)), sigma = m$sigma,
    serial = as.numeric(coef(m$modelStruct$corStruct, unconstrained = FALSE)),
    sd = if (!is.null(v)) suppressWarnings(as.numeric(v[, "StdDev"])),
    estimate = as.list(if (inherits(m, "lme")) fixef(m) else coef(m)))
}

six <- read.csv(paste0(folder, "six_dyads.csv"))
six$score <- rowMeans(six[, c("c1", "c2", "c3", "c4")]); six$time <- six$session - 1
six$dyad <- factor(six$dyad)
items <- reshape(six, direction = "long", varying = c("c1", "c2", "c3", "c4"), v.names = "answer",
                 timevar = "item", idvar = c("dyad", "session"))
for (f in c("dyad", "session", "item")) items[[f]] <- factor(items[[f]])
out$six_dyads <- list(
  intercept = fit(score ~ time + (1 | dyad), six),
  slope = fit(score ~ time + (time | dyad), six),
  slope_uncorrelated = fit(score ~ time + (time || dyad), six),
  components = fit(answer ~ 1 + (1 | dyad) + (1 | session) + (1 | item) + (1 | dyad:session) + (1 | dyad:item) +
                     (1 | session:item), items),
  nested = fit(answer ~ 1 + (1 | dyad/session), items))

repeated <- read.csv(paste0(folder, "sai_repeated.csv"))
answers <- reshape(repeated, direction = "long", varying = setdiff(names(repeated), c("id", "time")),
                   v.names = "answer", timevar = "item", idvar = c("id", "time"))
for (f in c("id", "time", "item")) answers[[f]] <- factor(answers[[f]])
out$sai_repeated <- list(
  components = fit(answer ~ 1 + (1 | id) + (1 | time) + (1 | item) + (1 | id:time) + (1 | id:item) + (1 | time:item),
                   answers))
incomplete <- answers[-seq(3, nrow(answers), by = 7), ]
out$sai_repeated$incomplete <- fit(
  answer ~ 1 + (1 | id) + (1 | time) + (1 | item) + (1 | id:time) + (1 | id:item) + (1 | time:item), incomplete)
write_json(out, "tests/reference/expected/nested.json", auto_unbox = TRUE, digits = 12, pretty = 1, na = "null",
           null = "null")
