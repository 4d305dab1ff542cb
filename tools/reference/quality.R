# Reference values of the room `quality`: writes tests/reference/expected/quality.json.
# Run from the root of the project: Rscript tools/reference/quality.R
# bfi: base R alone (rle, sd, mahalanobis, cor), every 20th person and those with gaps as they fall, ticked answers.
# twelve: twelve persons and six items, values of careless 1.2.2 and PerFit 1.4.6, printed with seven significant digits.
suppressMessages(library(jsonlite))

bfi <- as.matrix(read.csv("tests/reference/data/bfi.csv")[, 2:26])
x <- bfi[seq(20, 2800, by = 20), ]
complete <- x[complete.cases(x), ]
m <- colMeans(complete)
s <- cov(complete)

longest <- function(v) { r <- rle(v); max(r$lengths[!is.na(r$values)]) }
average <- function(v) { r <- rle(v); sum(!is.na(v)) / sum(!is.na(r$values)) }
# rle takes each gap as a run of its own, so gaps break runs.
others <- function(i) cor(x[i, ], colMeans(x[-i, ], na.rm = TRUE), use = "complete.obs")
distance <- function(v) {
  o <- !is.na(v)
  d2 <- mahalanobis(v[o], m[o], s[o, o])
  c(d2, sum(o), pchisq(d2, sum(o), lower.tail = FALSE))
}
lags <- function(v) sapply(1:12, function(l) suppressWarnings(cor(v[1:(25 - l)], v[(1 + l):25], use = "complete.obs")))
r <- cor(complete)
pairs <- which(r > .45 & upper.tri(r), arr.ind = TRUE)
synonyms <- function(v) suppressWarnings(cor(v[pairs[, 1]], v[pairs[, 2]], use = "complete.obs"))
# Polytomous Guttman errors by their definition, and the most for each total by trying all answers, on four items.
scored <- x[, c("A2", "A3", "A5", "E4")]
scored <- scored[complete.cases(scored), ]
steps <- do.call(rbind, lapply(1:4, function(j) data.frame(j = j, m = 1:5, p = sapply(1:5, function(m) mean(scored[, j] - 1 >= m)))))
steps <- steps[order(-steps$p, steps$j, steps$m), ]
errors <- function(v) { took <- v[steps$j] - 1 >= steps$m; sum(vapply(which(took), function(at) sum(!took[seq_len(at)]), 0L)) }
all <- as.matrix(expand.grid(1:6, 1:6, 1:6, 1:6))
most <- tapply(apply(all, 1, errors), rowSums(all), max)
found <- apply(scored, 1, errors)

out <- list(
  provenance = list(R = R.version.string, script = "tools/reference/quality.R",
                    twelve = "careless 1.2.2, PerFit 1.4.6; printed digits"),
  bfi = list(
    every = 20, n = nrow(x), complete = nrow(complete), synonym_limit = .45, pairs = nrow(pairs),
    longest_run = apply(x, 1, longest), average_run = apply(x, 1, average), spread = apply(x, 1, sd, na.rm = TRUE),
    distance = t(apply(x, 1, distance)), person_total_r = sapply(seq_len(nrow(x)), others),
    autocorrelation = apply(x, 1, function(v) max(lags(v))), lag = apply(x, 1, function(v) which.max(lags(v))),
    synonym_r = apply(x, 1, synonyms),
    guttman = list(items = colnames(scored), errors = unname(found), most = unname(as.vector(most[as.character(rowSums(scored))])))
  ),
  twelve = list(
    spread = c(1.169045, 1.032796, 1.032796, 1.169045, .632456, .516398, .516398, .894427, .516398, 1.032796, 1.032796, .408248),
    distance = c(7.255711, 4.802513, 9.136837, 9.466376, 3.312119, 1.328072, 6.756976, 3.458652, 3.541155, 6.040445, 3.827035, 7.074109),
    even_odd = c(-1, -.4660372, .9282032, -1, -1, -1, 1, -1, -1, .9282032, -1, NA),
    synonym_limit = .70, pairs = 8,
    synonym_r = c(-.4472136, -.4330127, -.0778499, .1360828, NA, -.4472136, -.2581989, -.3333333, 0, .0778499, -.3425944, NA),
    person_total_r = c(.511199, .639362, -.503090, -.355109, .420084, .623289, .196748, .301329, .032108, .118389, .710403, .509372),
    guttman_errors = c(7, 4, 12, 13, 1, 0, 5, 12, 3, 5, 3, 0)
  )
)
write(toJSON(out, auto_unbox = TRUE, digits = 12, pretty = FALSE, na = "null"), "tests/reference/expected/quality.json")
