/// What the ghost cells beyond one side of the grid hold: `ghost = scale * mirrored + offset`, where `mirrored` is the
/// own cell as far inside the side as the ghost cell is outside.
///
/// With the face halfway between the two, that is every first-order condition: `scale = 1, offset = 0` has no gradient
/// across the face; `scale = -1, offset = 2 v` has the value v on the face; others set a mixture of both.
public enum GhostRule: Sendable {
  /// The same coefficients everywhere and always.
  case constant(scale: Double, offset: Double)
  /// Coefficients by face, and by time when `inTime` is true; otherwise they are computed once.
  case varying(inTime: Bool, @Sendable (Face) -> (scale: Double, offset: Double))
  /// Every ghost cell takes the value of the own cell nearest to it, times a number for each layer of ghost cells, the
  /// one next to the side first. For sides across y and z.
  case nearest(scales: [Double])

  /// No gradient across the face.
  public static let mirror = GhostRule.constant(scale: 1, offset: 0)

  /// A face of the grid's side, as rules see it.
  public struct Face: Sendable {
    /// The face's centre and the time.
    public let center: Point
    /// The centre of the own cell behind it, and the time.
    public let cell: Point

    public init(center: Point, cell: Point) {
      self.center = center
      self.cell = cell
    }
  }
}
