internal import Glibc
import MPI
import Stencils
import Threads

/// Which depths the trials of earlier runs have found to be the fastest, in a file that all runs of a user share:
/// $XDG_CACHE_HOME/halo/depths, or ~/.cache/halo/depths.
///
/// It saves time and never changes a bit, so nothing about it is an error: what cannot be read or makes no sense is not
/// there, and what cannot be written is left out.
package struct DepthCache {
  /// The file; nil where nothing says where it could be.
  package let path: String?
  private static let heading = "Steps at once that were fastest, by programs on Halo; may be removed at any time."
  /// Entries that are kept, the newest.
  package static let capacity = 500

  package init(path: String?) { self.path = path }

  /// That of the user.
  package static var ofUser: DepthCache {
    func variable(_ name: String) -> String? {
      // The rules for these variables ignore what is no absolute path.
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    let folder = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
    return DepthCache(path: folder.map { $0 + "/halo/depths" })
  }

  /// The depth that was written for a key, if it is from 1 to `most`.
  package func depth(for key: UInt64, most: Int) -> Int? {
    // The last one counts.
    guard let line = lines.last(where: { Self.key(of: $0) == key }) else { return nil }
    let words = line.split(separator: " ")
    guard words.count > 1, let depth = Int(words[1]), (1...max(1, most)).contains(depth) else { return nil }
    return depth
  }

  /// Writes a depth down, in place of an older one of the same key.
  /// - Parameter words: what it is of, for people.
  package func write(_ depth: Int, for key: UInt64, _ words: String) {
    guard let path else { return }
    let own = "\(hexadecimal(key)) \(depth) \(words.onOneLine)"
    let kept = lines.filter { Self.key(of: $0).map { $0 != key } ?? false }.suffix(Self.capacity - 1)
    let text = ([Self.heading] + kept.map(String.init) + [own]).joined(separator: "\n") + "\n"
    Self.makeFolder(of: path)
    // Another run may read or write it now: it is replaced as a whole.
    let temporary = path + ".\(Machine.hostName).\(getpid())"
    guard let file = fopen(temporary, "wx") else { return }
    let isWritten = fputs(text, file) >= 0
    guard fclose(file) == 0, isWritten, rename(temporary, path) == 0 else {
      unlink(temporary)
      return
    }
  }

  private var lines: [Substring] {
    guard let path else { return [] }
    // Whatever stands there must not hold the run up, as a pipe would.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var status = stat()
    // No more than entries can fill; a longer file is none of these.
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 1 << 20 else {
      return []
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = max(0, Glibc.read(descriptor, &bytes, bytes.count))
    bytes.removeLast(bytes.count - count)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  private static func key(of line: Substring) -> UInt64? {
    let word = line.prefix { $0 != " " }
    return word.count == 16 ? UInt64(word, radix: 16) : nil
  }

  private static func makeFolder(of path: String) {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
  }
}

/// The best depth of one kind of run, as earlier runs have found it.
struct KnownDepth {
  private let cache: DepthCache
  private let key: UInt64
  // What people recognize the entry by.
  private let words: String
  private let isOfRankZero: Bool
  private let most: Int
  private let isIgnored: Bool

  /// - Parameters:
  ///   - fields: those that the solver has made.
  ///   - hosts: on how many hosts the ranks are.
  ///   - isIgnored: whether earlier runs are not to be asked; what is found is kept all the same.
  init<Scalar: Real>(
    solver: String, _ step: Step<Scalar>, on domain: Domain<Scalar>, fields: Int, ranks: Int, threads: Int, hosts: Int,
    isIgnored: Bool, cache: DepthCache = .ofUser
  ) {
    let machine = Machine.shared
    let operations = step.operations.map { operation in
      switch operation {
      case .sweep(let sweep):
        let reads = sweep.reads.map { "\($0.field.slot):\($0.reach)" }.joined(separator: ",")
        return "\(sweep.name) \(reads)>\(sweep.writes.map { "\($0.slot)" }.joined(separator: ","))"
      case .evaluate(_, let field, let fraction): return "evaluate \(field.slot) \(fraction)"
      case .swap(let a, let b): return "swap \(a.slot) \(b.slot)"
      }
    }
    words = "\(solver), \(domain.grid.sizeText) cells in \(Scalar.self), \(ranks) x \(threads)"
    // Whatever decides how fast a depth is.
    let text =
      [
        Simulation.version, Self.build, words, "\(domain.decomposition.ranks)", "\(domain.periodic)",
        "\(fields) fields", "\(domain.depth)", "\(hosts)", machine.processor,
        "\(machine.secondLevelCacheBytes) \(machine.lastLevelCacheBytes)",
      ] + operations
    key = Checksum.of(Array(text.joined(separator: "\n").utf8))
    (self.cache, self.isIgnored) = (cache, isIgnored)
    (isOfRankZero, most) = (domain.communicator.rank == 0, domain.depth)
  }

  /// What rank 0 reads; nil, on all ranks, where there is nothing. Every rank calls it.
  func read(on communicator: Communicator) throws(MPIError) -> Int? {
    guard !isIgnored else { return nil }
    let found = isOfRankZero ? cache.depth(for: key, most: most) ?? 0 : 0
    let depth = try communicator.broadcast(found, from: 0)
    return depth > 0 ? depth : nil
  }

  /// Keeps a depth for later runs: rank 0 does.
  func write(_ depth: Int) { if isOfRankZero { cache.write(depth, for: key, words) } }

  /// Tells builds of one version apart: the size of the program and the time when it was written.
  private static var build: String {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return "" }
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }
}
