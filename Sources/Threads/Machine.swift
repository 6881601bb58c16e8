internal import CHwloc
internal import Glibc

/// The cores and caches of this host, as hwloc tells them.
public final class Machine: @unchecked Sendable {
  public static let shared = Machine()

  /// The logical processors that the launcher left to this process when it started, one a core, ascending.
  ///
  /// A core with two hardware threads counts once: stencil sweeps gain nothing from the second.
  public let allowedCores: [Int]
  /// All cores of the host, one logical processor each.
  public let hostCores: [Int]
  /// Bytes of the largest cache that a core can reach, or 32 MiB where hwloc does not know.
  public let lastLevelCacheBytes: Int
  /// Bytes of a core's own second-level cache, or 1 MiB where hwloc does not know.
  public let secondLevelCacheBytes: Int
  /// What the processor calls itself; empty where hwloc does not know.
  public let processor: String

  private let topology: hwloc_topology_t

  private init() {
    var handle: hwloc_topology_t?
    hwloc_topology_init(&handle)
    hwloc_topology_load(handle)
    topology = handle!
    let bound = hwloc_bitmap_alloc()
    defer { hwloc_bitmap_free(bound) }
    if hwloc_get_cpubind(topology, bound, Int32(HWLOC_CPUBIND_PROCESS.rawValue)) != 0 {
      hwloc_bitmap_copy(bound, hwloc_topology_get_allowed_cpuset(topology))
    }
    var allowed: [Int] = []
    var all: [Int] = []
    let cores = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_CORE)
    for index in 0..<max(cores, 0) {
      guard let core = hwloc_get_obj_by_type(topology, HWLOC_OBJ_CORE, UInt32(index)) else { continue }
      all.append(Int(hwloc_bitmap_first(core.pointee.cpuset)))
      let both = hwloc_bitmap_dup(core.pointee.cpuset)
      hwloc_bitmap_and(both, both, bound)
      let first = hwloc_bitmap_first(both)
      if first >= 0 { allowed.append(Int(first)) }
      hwloc_bitmap_free(both)
    }
    if allowed.isEmpty { allowed = [max(0, Int(hwloc_bitmap_first(bound)))] }
    allowedCores = allowed
    hostCores = all.isEmpty ? allowed : all
    secondLevelCacheBytes = Machine.cacheBytes(topology, HWLOC_OBJ_L2CACHE) ?? 1 << 20
    lastLevelCacheBytes =
      Machine.cacheBytes(topology, HWLOC_OBJ_L3CACHE) ?? Machine.cacheBytes(topology, HWLOC_OBJ_L2CACHE) ?? 32 << 20
    let package = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PACKAGE, 0)
    processor = package.flatMap { hwloc_obj_get_info_by_name($0, "CPUModel") }.map { String(cString: $0) } ?? ""
  }

  private static func cacheBytes(_ topology: hwloc_topology_t, _ level: hwloc_obj_type_t) -> Int? {
    guard let cache = hwloc_get_obj_by_type(topology, level, 0), let attributes = cache.pointee.attr else { return nil }
    let bytes = Int(attributes.pointee.cache.size)
    return bytes > 0 ? bytes : nil
  }

  /// Binds the calling thread to these logical processors. A host that refuses leaves the thread where it is.
  func bindThisThread(to processors: [Int]) {
    let set = hwloc_bitmap_alloc()
    for processor in processors { hwloc_bitmap_set(set, UInt32(processor)) }
    _ = hwloc_set_cpubind(topology, set, Int32(HWLOC_CPUBIND_THREAD.rawValue))
    hwloc_bitmap_free(set)
  }

  /// The name of this host.
  public static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, 255)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
