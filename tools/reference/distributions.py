"""Values of distribution functions to 40 digits: writes tests/reference/expected/distributions.csv.

Run from the root of the project: python3 tools/reference/distributions.py (Python 3, mpmath 1.3.0).
Arguments are the doubles that the program gets, not the decimals that they print as.
"""

import csv
import itertools

import mpmath as mp

mp.mp.dps = 40
rows = []


def add(name, args, value):
    rows.append([name] + [repr(float(a)) for a in args] + [""] * (3 - len(args)) + [mp.nstr(value, 20)])


def exact(*args):
    return [mp.mpf(float(a)) for a in args]


def normal_cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def chi_cdf(x, df):
    return mp.gammainc(df / 2, 0, x / 2, regularized=True)


def chi_sf(x, df):
    return mp.gammainc(df / 2, x / 2, mp.inf, regularized=True)


def beta_fraction(x, a, b):
    """x^a (1-x)^b / (a B(a, b)) times the continued fraction, by Lentz's method; for x below the mode."""
    if x == 0:
        return mp.mpf(0)
    front = mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.log(a) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b))
    c, d = mp.mpf(1), 1 / (1 - (a + b) * x / (a + 1))
    value, m = d, 1
    while True:
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / (1 + even * d), 1 + even / c
        value *= c * d
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / (1 + odd * d), 1 + odd / c
        value *= c * d
        if abs(c * d - 1) < mp.mpf(10) ** -38:
            return front * value
        m += 1


def beta_lower(x, a, b):
    """The smaller of the two tails is computed, so that no digits cancel."""
    if x < (a + 1) / (a + b + 2):
        return beta_fraction(x, a, b)
    return 1 - beta_fraction(1 - x, b, a)


def beta_upper(x, a, b):
    return beta_lower(1 - x, b, a)


def f_cdf(x, d1, d2):
    return beta_lower(d1 * x / (d1 * x + d2), d1 / 2, d2 / 2)


def f_sf(x, d1, d2):
    return beta_lower(d2 / (d1 * x + d2), d2 / 2, d1 / 2)


def t_sf(x, df):
    tail = beta_lower(df / (df + x * x), df / 2, mp.mpf(1) / 2) / 2
    return tail if x >= 0 else 1 - tail


def noncentral_cdf(x, df, lam):
    """A Poisson mixture of central tails, each from the one before; 40 more digits than are lost by it."""
    with mp.workdps(100):
        half, shape, xx = lam / 2, df / 2, x / 2
        tail = mp.gammainc(shape, 0, xx, regularized=True)
        step = mp.exp(shape * mp.log(xx) - xx - mp.loggamma(shape + 1))
        weight, total, j = mp.exp(-half), mp.mpf(0), 0
        while j < half or weight > mp.mpf(10) ** -45:
            total += weight * tail
            tail -= step
            j += 1
            step *= xx / (shape + j)
            weight *= half / j
        return total


def bivariate(h, k, rho):
    """Over the first variable: density times the conditional chance of the second."""
    root = mp.sqrt(1 - rho * rho)
    ends = sorted({mp.mpf(-12)} | {x for x in [k / rho - 8 * root, k / rho, k / rho + 8 * root, mp.mpf(0)] if -12 < x < h} | {h}) \
        if rho != 0 else [mp.mpf(-12), h]
    pieces = [a + (b - a) * mp.mpf(i) / 4 for a, b in zip(ends, ends[1:]) for i in range(4)] + [h]
    return mp.quad(lambda x: mp.npdf(x) * normal_cdf((k - rho * x) / root), pieces)


def root_of(cdf, sf, p, low, high):
    """The x with lower tail p, by bisection on the smaller tail, in the logarithm where x is positive."""
    goal = p if p < 0.5 else 1 - p
    for _ in range(160):
        mid = mp.sqrt(low * high) if low > 0 else (low + high) / 2
        below = cdf(mid) < goal if p < 0.5 else sf(mid) > goal
        low, high = (mid, high) if below else (low, mid)
    return mp.chop((low + high) / 2, tol=mp.mpf(10) ** -30)


for x in [1e-3, 0.1, 0.5, 1, 1.5, 2, 3.7, 10, 55.5, 1e3]:
    add("ln_gamma", [x], mp.loggamma(exact(x)[0]))
for x in [0, 0.3, -1, 2.5, -6, 12]:
    add("normal_density", [x], mp.npdf(exact(x)[0]))
for x in [-37, -20, -8, -5, -3, -1.96, -1, -0.1, 0, 0.5, 1, 2, 4, 8]:
    add("normal_cdf", [x], normal_cdf(exact(x)[0]))
    add("normal_sf", [-x], normal_cdf(exact(x)[0]))
tails = [1e-100, 1e-12, 1e-6, 1e-3, 0.025, 0.05, 0.2, 0.5, 0.7, 0.95, 0.975, 0.999]
for p in tails + [0.999999]:
    (q,) = exact(p)
    add("normal_quantile", [p], root_of(normal_cdf, lambda x: normal_cdf(-x), q, mp.mpf(-40), mp.mpf(40)))

for df in [0.7, 1, 2, 3, 7, 30, 200, 1950]:
    (d,) = exact(df)
    for times in [1e-3, 0.2, 0.8, 1, 1.2, 2, 5]:
        x = float(df * times)
        add("chi_square_cdf", [x, df], chi_cdf(*exact(x, df)))
        add("chi_square_sf", [x, df], chi_sf(*exact(x, df)))
    for p in [1e-12, 1e-3, 0.025, 0.5, 0.95, 0.975, 0.999]:
        (q,) = exact(p)
        add("chi_square_quantile", [p, df],
            root_of(lambda x: chi_cdf(x, d), lambda x: chi_sf(x, d), q, mp.mpf("1e-60"), mp.mpf(10) ** 6))

for d1, d2 in [(1, 1), (1, 10), (3, 2.5), (11, 55), (39, 429), (5, 1000), (4999, 174965)]:
    e1, e2 = exact(d1, d2)
    for x in [0.01, 0.5, 0.9, 1, 1.1, 1.5, 4, 30]:
        add("f_cdf", [x, d1, d2], f_cdf(*exact(x, d1, d2)))
        add("f_sf", [x, d1, d2], f_sf(*exact(x, d1, d2)))
    for p in [1e-3, 0.025, 0.5, 0.95, 0.975, 0.999]:
        (q,) = exact(p)
        add("f_quantile", [p, d1, d2],
            root_of(lambda x: f_cdf(x, e1, e2), lambda x: f_sf(x, e1, e2), q, mp.mpf("1e-30"), mp.mpf(10) ** 12))

for a, b in [(0.5, 0.5), (1, 3), (2.5, 0.7), (20, 30), (400, 3)]:
    e1, e2 = exact(a, b)
    for x in [0.001, 0.1, 0.4, 0.6, 0.9, 0.995]:
        add("beta_cdf", [x, a, b], beta_lower(*exact(x, a, b)))
    for p in [1e-6, 0.025, 0.5, 0.975, 0.999]:
        (q,) = exact(p)
        add("beta_quantile", [p, a, b],
            root_of(lambda x: beta_lower(x, e1, e2), lambda x: beta_upper(x, e1, e2), q, mp.mpf("1e-40"), mp.mpf(1)))

for df in [0.8, 1, 2, 4.5, 11, 120, 1e6]:
    (d,) = exact(df)
    for x in [-30, -4, -1, -0.1, 0, 0.5, 2, 6, 40]:
        add("t_cdf", [x, df], t_sf(-exact(x)[0], d))
        add("t_sf", [x, df], t_sf(exact(x)[0], d))
        add("t_two_sided", [x, df], 2 * t_sf(abs(exact(x)[0]), d))
    for p in [1e-9, 1e-3, 0.025, 0.3, 0.6, 0.975, 0.9995]:
        (q,) = exact(p)
        tail = min(q, 1 - q)
        size = root_of(lambda x: 1 - t_sf(x, d), lambda x: t_sf(x, d), 1 - tail, mp.mpf("1e-20"), mp.mpf(10) ** 20)
        add("t_quantile", [p, df], size if q > 0.5 else -size)

for df, lam in itertools.product([1, 8, 24, 300], [0, 0.5, 10, 150]):
    d, l = exact(df, lam)
    for times in [0.3, 0.9, 1, 1.3]:
        x = float((df + lam) * times)
        add("noncentral_chi_square_cdf", [x, df, lam], noncentral_cdf(mp.mpf(x), d, l))
for p, x, df in [(0.95, 85.3, 24), (0.05, 85.3, 24), (0.05, 22.4, 12), (0.95, 22.4, 12), (0.05, 2500, 1950), (0.95, 10, 30)]:
    q, y, d = exact(p, x, df)
    if chi_cdf(y, d) <= q:
        value = mp.mpf(0)
    else:
        low, high = mp.mpf(0), y * 2
        for _ in range(120):
            mid = (low + high) / 2
            low, high = (mid, high) if noncentral_cdf(y, d, mid) > q else (low, mid)
        value = (low + high) / 2
    add("noncentrality", [p, x, df], value)

for rho in [-0.9999, -0.97, -0.8, -0.5, -0.1, 0, 0.05, 0.29, 0.31, 0.6, 0.74, 0.76, 0.9, 0.924, 0.926, 0.99, 0.99999]:
    for h, k in [(0, 0), (-1.5, -1), (-3, 0.5), (0.3, 0.31), (1.2, -1.2), (2, 2.5), (-4, -4), (-0.7, 1.9)]:
        add("bivariate", [h, k, rho], bivariate(*exact(h, k, rho)))

with open("tests/reference/expected/distributions.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["function", "a", "b", "c", "value"])
    writer.writerows(rows)
print(len(rows), "values")
