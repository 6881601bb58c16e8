/// The complaint about a word that is not one of those allowed: the nearest one, or all of them.
/// - Parameter listing: how to tell all of them, where the bare list would be too long.
package func unknown(_ word: String, among allowed: [String], listing: String? = nil) -> String {
  let near = allowed.map { other in
    let distance = editDistance(word.lowercased(), other.lowercased())
    return (word: other, distance: distance, start: zip(word, other).prefix { $0 == $1 }.count)
  }.min { ($0.distance, -$0.start) < ($1.distance, -$1.start) }
  // A word of one letter is as near to any other of one letter: that suggests nothing.
  if let near, near.distance <= max(1, word.count / 3), near.distance < word.count {
    return "did you mean \"\(near.word)\"?"
  }
  return allowed.isEmpty ? "nothing is allowed here" : "allowed: \(listing ?? allowed.sorted().joined(separator: ", "))"
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other
/// (F. J. Damerau 1964, optimal string alignment).
package func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [Array(0...b.count)]
  for i in 1..<(a.count + 1) {
    var row = [i] + Array(repeating: 0, count: b.count)
    for j in 1..<(b.count + 1) {
      row[j] = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], rows[i - 2][j - 2] + 1) }
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
