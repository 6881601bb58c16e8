// Flux through a face between two cells of shallow water, well balanced over any bottom.
//
//   ∂h/∂t + ∂(hu)/∂n = 0,  ∂(hu)/∂t + ∂(hu² + g h²/2)/∂n = - g h ∂b/∂n,  ∂(hv)/∂t + ∂(hu v)/∂n = 0
//
// Hydrostatic reconstruction: the depths at the face are those above the higher of the two bottoms, never negative
// (E. Audusse, F. Bouchut, M.-O. Bristeau, R. Klein, B. Perthame, A fast and stable well-balanced scheme with hydrostatic
// reconstruction for shallow water flows, SIAM J. Sci. Comput. 25, 2004). Between them HLL gives mass and normal
// momentum, and what moves with the water (transverse momentum, tracers) comes from the side that the mass comes from,
// which is the contact wave of HLLC (E. F. Toro, Shock-Capturing Methods for Free-Surface Shallow Flows, 2001). Wave
// speeds: the two-rarefaction estimate, and the exact speed of a front on a dry bed.
//
// Everything is written in differences that vanish where the surface is level and nothing moves, so that rest stays rest
// to rounding; for a face that mirrors a wall the mass flux is exactly zero.

import Stencils

/// Water at one side of a face.
struct WaterSide<V: Lanes> {
  /// Depth, height of the surface, velocity across the face and along it.
  let depth: V
  let surface: V
  let normal: V
  let along: V
}

/// What passes a face, per length and time.
struct WaterFlux<V: Lanes> {
  let mass: V
  /// Normal momentum less the hydrostatic force of the cell below the face.
  let normalBelow: V
  /// Normal momentum less the hydrostatic force of the cell above the face.
  let normalAbove: V
  let along: V
  /// The speed of the fastest wave, m/s.
  let speed: V
}

/// Constants of the flux as vectors, made once a row.
struct WaterFaces<V: Lanes> where V.Scalar: Real {
  let gravity: V
  let half: V
  let halfGravity: V
  let quarter = V(0.25)
  let two = V(2)
  let zero = V(0)
  let dry: V
  // So small that it changes no sum of speeds, for faces without water.
  let tiny = V(1e-30)

  @inline(__always)
  init(gravity: Double, dry: Double) {
    self.gravity = V(V.Scalar(gravity))
    half = V(0.5)
    halfGravity = V(V.Scalar(0.5 * gravity))
    self.dry = V(V.Scalar(dry))
  }

  /// The flux between the water below the face (left) and above it (right).
  @inline(__always)
  func flux(_ left: WaterSide<V>, _ right: WaterSide<V>) -> WaterFlux<V> {
    let bottom = V.greater(left.surface - left.depth, right.surface - right.depth)
    // Where the bottom belongs to this side, rounding must not add to its depth.
    let hl = V.greater(zero, V.lesser(left.surface - bottom, left.depth))
    let hr = V.greater(zero, V.lesser(right.surface - bottom, right.depth))
    let (ul, ur) = (left.normal, right.normal)
    let cl = (gravity * hl).squareRoot
    let cr = (gravity * hr).squareRoot
    let um = half * (ul + ur) + (cl - cr)
    let cm = V.greater(zero, half * (cl + cr) + quarter * (ul - ur))
    let slow = V.lesser(ul - cl, um - cm)
    let fast = V.greater(ur + cr, um + cm)
    let sl = V.lesser(zero, V.choose(ur - two * cr, ifLess: hl, than: dry, else: slow))
    let sr = V.greater(zero, V.choose(ul + two * cl, ifLess: hr, than: dry, else: fast))
    let part = sl / V.greater(sr - sl, tiny)
    let (ml, mr) = (hl * ul, hr * ur)
    let mass = ml + part * ((ml - mr) + sr * (hr - hl))
    // g (hr² - hl²) / 2, exactly zero where the depths are equal.
    let force = halfGravity * ((hr - hl) * (hr + hl))
    let below = ml * ul + part * (((ml * ul - mr * ur) - force) + sr * (mr - ml))
    let along = V.choose(mass * right.along, ifLess: mass, than: zero, else: mass * left.along)
    return WaterFlux(
      mass: mass, normalBelow: below, normalAbove: below - force, along: along, speed: V.greater(sr, zero - sl))
  }
}

/// The limited difference of a quantity across a cell, from the differences to its two neighbours: the central one, cut
/// to `sharpness` times the smaller (B. van Leer, 1977; minmod for 1, monotonized central for 2). Zero at extrema, and
/// then the values at both faces lie between those of the neighbours.
@inline(__always)
func limited<V: Lanes>(_ low: V, _ high: V, _ sharpness: V, _ half: V, _ zero: V) -> V {
  let (a, b, c) = (sharpness * low, sharpness * high, half * (low + high))
  let least = V.lesser(V.lesser(a, b), c)
  let most = V.greater(V.greater(a, b), c)
  return V.greater(zero, least) + V.lesser(zero, most)
}
