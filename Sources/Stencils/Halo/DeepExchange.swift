internal import MPI

/// The exchange of the ghost cells that several steps at once need, in three parts: waves of planes and tiles of rows go
/// from one end of a block to the other, so that the ghost cells at the far end, needed last, may arrive meanwhile.
///
/// Each run of steps uses all three parts. A rank that has found its neighbours' cells of one run therefore knows that they
/// have done with those of the run before, as `HaloExchange` asks for.
struct DeepExchange<Scalar: Real> {
  /// What a run needs from its start.
  private let nearDown: [HaloExchange<Scalar>]
  private let nearUp: [HaloExchange<Scalar>]
  // Ghost cells that lie towards the high ends of the axes of waves and tiles, and towards their low ends.
  private let high: HaloExchange<Scalar>?
  private let low: HaloExchange<Scalar>?
  /// All parts.
  let parts: [HaloExchange<Scalar>]
  /// Whether ghost cells at the far end of the axis of waves, and of tiles, come from another rank.
  let crossesWaves: Bool
  let crossesTiles: Bool

  /// Nil where there is nobody to exchange with. Every rank calls it with the same arguments.
  init?(
    domain: Domain<Scalar>, fields: [Field<Scalar>], width: Int, waveAxis: Axis, tileAxis: Axis
  ) throws(MPIError) {
    let (wave, tile) = (waveAxis.rawValue, tileAxis.rawValue)
    /// 1 for ghost cells at the high end of one of the axes and at no low end, -1 the other way round.
    func end(_ direction: Triple) -> Int {
      let ends = [direction[wave], direction[tile]]
      if ends.contains(1), !ends.contains(-1) { return 1 }
      if ends.contains(-1), !ends.contains(1) { return -1 }
      return 0
    }
    func part(_ wanted: Int) throws(MPIError) -> HaloExchange<Scalar>? {
      let exchange = try HaloExchange(domain: domain, fields: fields, width: width) { end($0) == wanted }
      return exchange.isEmpty ? nil : exchange
    }
    let beside = try part(0)
    high = try part(1)
    low = try part(-1)
    parts = [beside, high, low].compactMap { $0 }
    nearDown = [beside, low].compactMap { $0 }
    nearUp = [beside, high].compactMap { $0 }
    // Where the grid wraps around onto the same rank, its edges may still be another's.
    crossesWaves = domain.decomposition.ranks[wave] > 1 || domain.periodic[wave]
    crossesTiles = domain.decomposition.ranks[tile] > 1 || domain.periodic[tile]
    if parts.isEmpty { return nil }
  }

  /// What must have arrived before the first wave.
  /// - Parameter isDown: whether the lowest planes and rows come first.
  func near(isDown: Bool) -> [HaloExchange<Scalar>] { isDown ? nearDown : nearUp }

  /// What is needed only at the far end.
  func far(isDown: Bool) -> HaloExchange<Scalar>? { isDown ? high : low }
}
