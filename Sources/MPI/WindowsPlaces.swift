// Where in the memory of others an access goes.

internal import CMPI

/// Elements in the memory of a process: `.rank(1, at: 3)` in a `Window`, `.memory(there, at: 3)` in a `DynamicWindow`.
public protocol RemotePlace<Element, Home> {
  /// The type of the elements.
  associatedtype Element: MPIDatatype
  /// The kind of window that they are in.
  associatedtype Home: AnyWindow

  /// Checks that so many elements are there, and says where in MPI's terms.
  func target(in window: Home, elements: Int) throws(MPIError) -> RemoteTarget
}

/// Elements in the memory of a process, in MPI's terms.
public struct RemoteTarget {
  // -1 is nobody.
  @usableFromInline internal let rank: Int
  @usableFromInline internal let offset: Int
  @usableFromInline internal let count: Int
  @usableFromInline internal let datatype: Datatype

  @inlinable
  internal init(rank: Int, offset: Int, count: Int, datatype: Datatype) {
    self.rank = rank
    self.offset = offset
    self.count = count
    self.datatype = datatype
  }
}

/// Which elements a place names: those after one another from an offset on, or those of a pattern there.
@usableFromInline
internal struct PlaceSelection: Sendable {
  @usableFromInline internal let offset: Int
  @usableFromInline internal let pattern: Pattern?
  @usableFromInline internal let repeats: Int

  @inlinable
  internal init(offset: Int, pattern: Pattern?, repeats: Int) {
    self.offset = offset
    self.pattern = pattern
    self.repeats = repeats
  }

  /// - Parameters:
  ///   - rank: the process; -1 is nobody, whose memory has any size.
  ///   - elements: how many elements come or go.
  ///   - capacity: how many the process has.
  ///   - start: where the first of them is, in units.
  ///   - unit: how many units an element is.
  @inlinable
  internal func target<Element: MPIDatatype>(
    of type: Element.Type, _ rank: Int, _ elements: Int, in capacity: Int, from start: Int, unit: Int
  ) -> RemoteTarget {
    if let pattern {
      return target(of: pattern, over: type, rank, elements, in: capacity, from: start, unit: unit)
    }
    require(
      offset >= 0 && elements <= capacity - offset || rank < 0,
      "Elements \(offset) to \(offset + elements - 1) do not lie in the \(capacity) elements of rank \(rank).")
    return RemoteTarget(rank: rank, offset: start + offset * unit, count: elements, datatype: Element.datatype)
  }

  @usableFromInline
  internal func target<Element: MPIDatatype>(
    of pattern: Pattern, over type: Element.Type, _ rank: Int, _ elements: Int, in capacity: Int, from start: Int,
    unit: Int
  ) -> RemoteTarget {
    let selection = Selection(
      pattern, at: offset, repeated: repeats, in: rank < 0 ? Int.max : capacity, of: Element.self)
    require(
      pattern.count * repeats == elements || rank < 0,
      "A pattern of \(pattern.count * repeats) elements does not take \(elements).")
    selection.requireOnce()
    let shift = selection.byteOffset / MemoryLayout<Element>.stride
    return RemoteTarget(
      rank: rank, offset: start + shift * unit, count: selection.count, datatype: selection.datatype)
  }
}

/// Elements of a process in a `Window`.
public struct RankPlace<Element: MPIDatatype>: RemotePlace {
  public typealias Home = Window<Element>

  @usableFromInline internal let rank: Int?
  @usableFromInline internal let selection: PlaceSelection

  @inlinable
  internal init(rank: Int?, selection: PlaceSelection) {
    self.rank = rank
    self.selection = selection
  }

  @inlinable
  public func target(in window: Window<Element>, elements: Int) throws(MPIError) -> RemoteTarget {
    let rank = rank ?? -1
    require(
      rank >= -1 && rank < window.counts.count,
      "A rank of this window is from 0 to \(window.counts.count - 1) or nil, not \(rank).")
    return selection.target(
      of: Element.self, rank, elements, in: rank < 0 ? 0 : window.counts[rank], from: 0, unit: 1)
  }
}

/// Elements of a process in a `DynamicWindow`.
public struct MemoryPlace<Element: MPIDatatype>: RemotePlace {
  public typealias Home = DynamicWindow

  @usableFromInline internal let memory: RemoteMemory<Element>
  @usableFromInline internal let selection: PlaceSelection

  @inlinable
  internal init(memory: RemoteMemory<Element>, selection: PlaceSelection) {
    self.memory = memory
    self.selection = selection
  }

  @inlinable
  public func target(in window: DynamicWindow, elements: Int) throws(MPIError) -> RemoteTarget {
    let size = window.communicator.size
    require(
      memory.rank >= 0 && memory.rank < size, "A rank of this window is from 0 to \(size - 1), not \(memory.rank).")
    return selection.target(
      of: Element.self, memory.rank, elements, in: memory.count, from: memory.address,
      unit: MemoryLayout<Element>.stride)
  }
}

extension RemotePlace {
  /// As many elements of a process as come or go, after one another.
  ///
  /// - Parameters:
  ///   - rank: the process; nil is nobody, and then nothing happens.
  ///   - offset: the first element.
  @inlinable
  public static func rank<T>(_ rank: Int?, at offset: Int = 0) -> Self where Self == RankPlace<T> {
    RankPlace(rank: rank, selection: PlaceSelection(offset: offset, pattern: nil, repeats: 1))
  }

  /// Those elements of a process that a pattern takes.
  ///
  /// - Parameters:
  ///   - rank: the process; nil is nobody, and then nothing happens.
  ///   - offset: where the pattern is put.
  ///   - pattern: which elements, counted from `offset`.
  ///   - repeats: how often the pattern is put there, each an extent from the one before.
  @inlinable
  public static func rank<T>(_ rank: Int?, at offset: Int = 0, _ pattern: Pattern, repeated repeats: Int = 1) -> Self
  where Self == RankPlace<T> {
    RankPlace(rank: rank, selection: PlaceSelection(offset: offset, pattern: pattern, repeats: repeats))
  }

  /// As many elements of attached memory as come or go, after one another.
  ///
  /// - Parameters:
  ///   - memory: the memory, as the process that attached it made it known.
  ///   - offset: the first element.
  @inlinable
  public static func memory<T>(_ memory: RemoteMemory<T>, at offset: Int = 0) -> Self where Self == MemoryPlace<T> {
    MemoryPlace(memory: memory, selection: PlaceSelection(offset: offset, pattern: nil, repeats: 1))
  }

  /// Those elements of attached memory that a pattern takes.
  ///
  /// - Parameters:
  ///   - memory: the memory, as the process that attached it made it known.
  ///   - offset: where the pattern is put.
  ///   - pattern: which elements, counted from `offset`.
  ///   - repeats: how often the pattern is put there, each an extent from the one before.
  @inlinable
  public static func memory<T>(
    _ memory: RemoteMemory<T>, at offset: Int = 0, _ pattern: Pattern, repeated repeats: Int = 1
  ) -> Self where Self == MemoryPlace<T> {
    MemoryPlace(memory: memory, selection: PlaceSelection(offset: offset, pattern: pattern, repeats: repeats))
  }
}
