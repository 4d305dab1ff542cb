# How often is a fall of noise called repaired? Independent normal courses, single falls beyond 1.96 sqrt(2) SD; a repair is
# the first later session back at the start, or with half of the fall won back. All falls count, those in the last session too.
# Rscript tools/reference/repairs.R > tests/reference/expected/repairs.txt
cat(R.version.string, "\n")
set.seed(20)
N <- 20000
limit <- 1.96 * sqrt(2)
for (n in c(20, 10)) {
  falls <- 0; back <- 0; half <- 0
  for (r in seq_len(N)) {
    y <- rnorm(n)
    for (i in which(-diff(y) >= limit)) {
      falls <- falls + 1
      after <- y[seq_len(n) > i + 1]
      back <- back + any(after >= y[i])
      half <- half + any(after >= (y[i] + y[i + 1]) / 2)
    }
  }
  cat("n", n, "back at the start", back / falls, "half of the fall", half / falls, "falls", falls, "\n")
}
