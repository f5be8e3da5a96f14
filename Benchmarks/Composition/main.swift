// `composition-bench` prints what a tree costs for each of its nodes, above what its components cost.
print("nodes    us a call    us a node")
for leaves in [1, 2, 4, 16, 64] {
    let cost = try TreeCost(leaves: leaves)
    let call = cost.median(calls: 20_000 / leaves)
    let columns = ["\(leaves + 1)", number(call), number(call / Double(leaves + 1))]
    print(columns[0].padded(to: 9) + columns[1].padded(to: 13) + columns[2])
}

func number(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
}
