/// The complaint about a word that is not one of those allowed: the nearest one, or all of them.
package func unknown(_ word: String, among allowed: [String]) -> String {
  if let near = nearest(to: word, among: allowed) { return "did you mean \"\(near)\"?" }
  return allowed.isEmpty ? "nothing is allowed here" : "allowed: \(allowed.sorted().joined(separator: ", "))"
}

/// The allowed word that was probably meant; nil where none is close. Of equally close ones that with the same first
/// letter: typing errors are rare there.
private func nearest(to word: String, among allowed: [String]) -> String? {
  func cost(_ candidate: String) -> (Int, Int) {
    let (a, b) = (word.lowercased(), candidate.lowercased())
    return (editDistance(a, b), a.first == b.first ? 0 : 1)
  }
  guard let near = allowed.min(by: { cost($0) < cost($1) }) else { return nil }
  let distance = cost(near).0
  // A word all of whose letters must change is another word.
  return distance <= max(1, word.count / 3) && distance < max(word.count, near.count) ? near : nil
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
