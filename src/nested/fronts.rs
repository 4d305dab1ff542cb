//! The penalised normal equations of a mixed model, factored group by group.
//!
//! Every group of every factor is a node; two nodes are neighbours where rows belong to both. Groups of the factor with
//! most groups are eliminated first. What a group leaves for its later neighbours and for the fixed effects is a small
//! dense matrix that is added to the first of these neighbours (the multifrontal method of Duff and Reid 1983). With one
//! factor the neighbour is the fixed effects themselves, and a group costs as much as its sufficient statistics are
//! large; dyads in workers, raters crossed with dyads and person × item × time need nothing else.

use nalgebra::{DMatrix, DVector};

/// A factor as the equations see it.
pub(super) struct Factor {
    /// Effects a group has.
    pub q: usize,
    /// Groups.
    pub levels: usize,
    /// The group of each row.
    pub of_row: Vec<usize>,
    /// Rows × q, row by row.
    pub z: Vec<f64>,
}

/// A group of a factor.
pub(super) struct Node {
    pub factor: usize,
    pub q: usize,
    /// Its later neighbours, directly or by elimination: a range of `Fronts::rest`.
    pub rest: std::ops::Range<usize>,
    /// Columns of its panel: its own, its neighbours', and the border.
    pub width: usize,
    /// Where its panel begins.
    pub panel: usize,
    /// Where its effects begin.
    pub effect: usize,
    /// The neighbour that takes its remainder, or none: the border alone does.
    pub parent: Option<usize>,
    /// Where its part of `Fronts::into` begins.
    pub into: usize,
    /// How many nodes hand their remainder to it.
    pub children: usize,
}

/// The structure of the equations, and their sums of products over rows.
pub(super) struct Fronts {
    pub nodes: Vec<Node>,
    /// Children before parents, depth first.
    pub order: Vec<usize>,
    pub rest: Vec<usize>,
    /// For each column of each panel after the own ones, its column in the front of the parent, or in the border.
    into: Vec<usize>,
    /// For each entry of `rest`, the column at which that neighbour begins in the own front.
    pub column: Vec<usize>,
    /// Columns of fixed effects and the outcome.
    pub border: usize,
    pub q: Vec<usize>,
    pub first: Vec<usize>,
    /// Sums of products, node by node: q × width.
    pub panels: Vec<f64>,
    /// Sums of products of the border.
    pub corner: Vec<f64>,
    pub effects: usize,
}

impl Fronts {
    /// The structure for factors in the order of elimination, with a border of so many columns.
    pub fn new(factors: &[Factor], border: usize) -> Fronts {
        let q: Vec<usize> = factors.iter().map(|factor| factor.q).collect();
        let mut first = vec![0];
        for factor in factors {
            first.push(first[first.len() - 1] + factor.levels);
        }
        let total = first[factors.len()];
        let factor_of = |node: usize| first.partition_point(|start| *start <= node) - 1;
        let mut later: Vec<Vec<usize>> = vec![Vec::new(); total];
        let rows = factors.first().map_or(0, |factor| factor.of_row.len());
        for row in 0..rows {
            for a in 0..factors.len() {
                for b in a + 1..factors.len() {
                    later[first[a] + factors[a].of_row[row]].push(first[b] + factors[b].of_row[row]);
                }
            }
        }
        let (mut nodes, mut rest) = (Vec::with_capacity(total), Vec::new());
        let (mut panel, mut effect) = (0, 0);
        for node in 0..total {
            let mut own = std::mem::take(&mut later[node]);
            own.sort_unstable();
            own.dedup();
            let parent = own.first().copied();
            if let Some(parent) = parent {
                later[parent].extend(&own[1..]);
            }
            let factor = factor_of(node);
            let width = q[factor] + own.iter().map(|other| q[factor_of(*other)]).sum::<usize>() + border;
            let range = rest.len()..rest.len() + own.len();
            rest.extend(own);
            nodes.push(Node {
                factor,
                q: q[factor],
                rest: range,
                width,
                panel,
                effect,
                parent,
                into: 0,
                children: 0,
            });
            panel += q[factor] * width;
            effect += q[factor];
        }
        let mut fronts = Fronts {
            order: Vec::new(),
            into: Vec::new(),
            column: vec![0; rest.len()],
            nodes,
            rest,
            border,
            q,
            first,
            panels: vec![0.0; panel],
            corner: vec![0.0; border * border],
            effects: effect,
        };
        fronts.connect();
        fronts
    }

    /// Columns in the own front and in that of the parent, and the order of elimination.
    fn connect(&mut self) {
        for node in 0..self.nodes.len() {
            let mut column = self.nodes[node].q;
            for at in self.nodes[node].rest.clone() {
                self.column[at] = column;
                column += self.nodes[self.rest[at]].q;
            }
        }
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        let mut stack = Vec::new();
        for node in 0..self.nodes.len() {
            let Some(parent) = self.nodes[node].parent else {
                stack.push(node);
                continue;
            };
            children[parent].push(node);
            self.nodes[parent].children += 1;
        }
        for node in 0..self.nodes.len() {
            self.nodes[node].into = self.into.len();
            let across = self.nodes[node].parent.map_or(self.border, |parent| self.nodes[parent].width);
            if let Some(parent) = self.nodes[node].parent {
                for at in self.nodes[node].rest.clone() {
                    let start = self.column_of(parent, self.rest[at]);
                    self.into.extend(start..start + self.nodes[self.rest[at]].q);
                }
            }
            self.into.extend(across - self.border..across);
        }
        // Parents before children and every subtree in one piece; turned round, children before parents.
        while let Some(node) = stack.pop() {
            self.order.push(node);
            stack.extend(&children[node]);
        }
        self.order.reverse();
    }

    /// The column at which `other` begins in the front of `node`.
    fn column_of(&self, node: usize, other: usize) -> usize {
        if node == other {
            return 0;
        }
        let range = self.nodes[node].rest.clone();
        self.column[range.start + self.rest[range].partition_point(|at| *at < other)]
    }

    /// Adds up products over rows. `border` holds rows × border columns, row by row; `z` the rows of each factor.
    pub fn assemble(&mut self, factors: &[Factor], z: &[&[f64]], border: &[f64]) {
        self.panels.fill(0.0);
        self.corner.fill(0.0);
        let width = self.border;
        // Rows of one group mostly follow each other: the column of a neighbour is the one of the row before.
        let mut columns = vec![(usize::MAX, usize::MAX, 0); factors.len() * factors.len()];
        for (row, edge) in border.chunks_exact(width).enumerate() {
            for (a, x) in edge.iter().enumerate() {
                add(&mut self.corner[a * width + a..], *x, &edge[a..]);
            }
            for (f, factor) in factors.iter().enumerate() {
                let node = self.first[f] + factor.of_row[row];
                let (start, across) = (self.nodes[node].panel, self.nodes[node].width);
                let own = &z[f][row * factor.q..][..factor.q];
                for (h, other) in factors.iter().enumerate().skip(f + 1) {
                    let neighbour = self.first[h] + other.of_row[row];
                    let known = columns[f * factors.len() + h];
                    if (known.0, known.1) != (node, neighbour) {
                        columns[f * factors.len() + h] = (node, neighbour, self.column_of(node, neighbour));
                    }
                }
                let panel = &mut self.panels[start..][..factor.q * across];
                for (x, line) in own.iter().zip(panel.chunks_exact_mut(across)) {
                    add(line, *x, own);
                    add(&mut line[across - width..], *x, edge);
                    for (h, other) in factors.iter().enumerate().skip(f + 1) {
                        let (.., column) = columns[f * factors.len() + h];
                        add(&mut line[column..], *x, &z[h][row * other.q..][..other.q]);
                    }
                }
            }
        }
    }

    /// Sums of squared products: of each factor with each (Σ over groups |Z_g′Z_h|²) and with the identity in the last row
    /// and column, and of each factor with the outcome, the outcome's own sum of squares last.
    pub fn moments(&self, n: usize) -> (DMatrix<f64>, DVector<f64>) {
        let last = self.q.len();
        let (mut products, mut squares) = (DMatrix::zeros(last + 1, last + 1), DVector::zeros(last + 1));
        for node in &self.nodes {
            let f = node.factor;
            for (i, line) in
                self.panels[node.panel..][..node.q * node.width].chunks_exact(node.width).enumerate()
            {
                squares[f] += line[node.width - 1] * line[node.width - 1];
                products[(f, last)] += line[i];
                self.each_block(node, |column, columns, h| {
                    products[(f, h)] += line[column..][..columns].iter().map(|x| x * x).sum::<f64>();
                });
            }
        }
        products[(last, last)] = n as f64;
        squares[last] = self.corner[self.border * self.border - 1];
        for f in 0..last {
            products[(last, f)] = products[(f, last)];
            for h in f + 1..last {
                products[(h, f)] = products[(f, h)];
            }
        }
        (products, squares)
    }

    /// Where the effects of a group begin among all effects.
    pub fn effect(&self, factor: usize, level: usize) -> usize {
        self.nodes[self.first[factor] + level].effect
    }

    /// How many random effects there are in all.
    pub fn effects(&self) -> usize {
        self.effects
    }

    /// The blocks of a front before its border: first column, columns, factor.
    pub fn each_block(&self, node: &Node, mut act: impl FnMut(usize, usize, usize)) {
        act(0, node.q, node.factor);
        for at in node.rest.clone() {
            let other = &self.nodes[self.rest[at]];
            act(self.column[at], other.q, other.factor);
        }
    }

    /// The columns of the parent's front (or of the border) for the columns of a node after its own ones.
    pub fn into(&self, node: &Node) -> &[usize] {
        &self.into[node.into..][..node.width - node.q]
    }

    /// Nodes of groups that share no row with any other, directly or through others.
    pub fn independent(&self) -> Vec<Vec<usize>> {
        let mut pieces: Vec<Vec<usize>> = Vec::new();
        let mut piece = Vec::new();
        for node in &self.order {
            piece.push(*node); // every subtree stands in one piece, its root last
            if self.nodes[*node].parent.is_none() {
                pieces.push(std::mem::take(&mut piece));
            }
        }
        pieces
    }

    /// Z′Z and Z′X of the effects of some nodes.
    pub fn products(&self, nodes: &[usize]) -> (DMatrix<f64>, DMatrix<f64>) {
        let mut start = vec![usize::MAX; self.nodes.len()];
        let mut size = 0;
        for node in nodes {
            start[*node] = size;
            size += self.nodes[*node].q;
        }
        let p = self.border - 1;
        let (mut own, mut across) = (DMatrix::zeros(size, size), DMatrix::zeros(size, p));
        for at in nodes {
            let node = &self.nodes[*at];
            for i in 0..node.q {
                let line = &self.panels[node.panel + i * node.width..][..node.width];
                let row = start[*at] + i;
                for j in 0..node.q {
                    own[(row, row - i + j)] = line[j];
                }
                for entry in node.rest.clone() {
                    for j in 0..self.nodes[self.rest[entry]].q {
                        let column = start[self.rest[entry]] + j;
                        own[(row, column)] = line[self.column[entry] + j];
                        own[(column, row)] = line[self.column[entry] + j];
                    }
                }
                for j in 0..p {
                    across[(row, j)] = line[node.width - self.border + j];
                }
            }
        }
        (own, across)
    }

    /// Λ′ times a matrix with a row for each effect of some nodes.
    pub fn scale_rows(&self, nodes: &[usize], lambda: &[Vec<f64>], matrix: &DMatrix<f64>) -> DMatrix<f64> {
        let mut scaled = DMatrix::zeros(matrix.nrows(), matrix.ncols());
        for j in 0..matrix.ncols() {
            let mut start = 0;
            for node in nodes {
                let node = &self.nodes[*node];
                for i in 0..node.q {
                    let own =
                        (i..node.q).map(|k| lambda[node.factor][k * node.q + i] * matrix[(start + k, j)]);
                    scaled[(start + i, j)] = own.sum();
                }
                start += node.q;
            }
        }
        scaled
    }

    /// The factor, the first effect and the number of effects of a node.
    pub fn place(&self, node: usize) -> (usize, usize, usize) {
        (self.nodes[node].factor, self.nodes[node].effect, self.nodes[node].q)
    }
}

/// Adds a multiple of some values to as many sums.
pub(super) fn add(sums: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += factor * value;
    }
}
