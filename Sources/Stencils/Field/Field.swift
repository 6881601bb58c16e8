internal import Glibc

/// One array of values on a domain: a value a cell, and ghost cells around.
///
/// A field is a name for storage that the engine owns; kernels reach its values through a `Row`.
public final class Field<Scalar: Real> {
  public let name: String
  /// The unit in the notation of UDUNITS, such as "K" or "W m-2".
  public let unit: String
  /// What the ghost cells beyond the grid's sides hold; one rule a side, `.mirror` where none is given.
  public let boundary: [Side: GhostRule]
  @usableFromInline package let slot: Int
  // The slot of the field that holds this one's values at the end of a step; -1 where `Step.advance` never asked for it.
  // Plain memory: kernels read it, and a variable of a class would have each access recorded.
  @usableFromInline let nextPlace: UnsafeMutablePointer<Int>
  @inlinable var nextSlot: Int { @inline(__always) get { nextPlace.pointee } }
  private(set) var successor: Field?
  /// Whether anything has set its values; a field that nothing sets holds zeros, which are seldom meant.
  package internal(set) var isSet = false
  // A domain holds its fields.
  private unowned let domain: Domain<Scalar>

  init(name: String, unit: String, boundary: [Side: GhostRule], slot: Int, domain: Domain<Scalar>) {
    self.name = name
    self.unit = unit
    self.boundary = boundary
    self.slot = slot
    self.domain = domain
    nextPlace = .allocate(capacity: 1)
    nextPlace.initialize(to: -1)
  }

  deinit { nextPlace.deallocate() }

  /// The field that takes this one's values at the end of a step, made when it is first asked for.
  func makeSuccessor() -> Field {
    if let successor { return successor }
    let made = domain.field("next \(name)", unit: unit, boundary: boundary)
    successor = made
    nextPlace.pointee = made.slot
    return made
  }

  @usableFromInline
  func failWithoutSuccessor() -> Never {
    fatalError("row[next: \(name)] has no meaning: name \(name) among the fields that `Step.advance` brings forward")
  }
}

extension Field: Hashable {
  public static func == (a: Field, b: Field) -> Bool { a === b }
  public func hash(into hasher: inout Hasher) { hasher.combine(slot) }
}

/// Memory of one field, aligned, in huge pages where they help, not touched until the owning threads do so.
enum Storage {
  static func allocate<Scalar: Real>(_ count: Int, of type: Scalar.Type) -> UnsafeMutablePointer<Scalar> {
    let bytes = count * MemoryLayout<Scalar>.stride
    let hugePage = 2 << 20
    let isLarge = bytes >= 2 * hugePage
    var memory: UnsafeMutableRawPointer?
    let status = posix_memalign(&memory, isLarge ? hugePage : 4096, bytes)
    guard status == 0, let memory else {
      fatalError("out of memory: a field needs \(bytes >> 20) MiB on this rank; use more ranks on more hosts")
    }
    if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
    return memory.bindMemory(to: Scalar.self, capacity: count)
  }

  static func free<Scalar>(_ memory: UnsafeMutablePointer<Scalar>) { Glibc.free(memory) }
}
