// dT = dt / (ρc) (∇·(k ∇T) + q), the change of a cell's temperature in time dt.
//
// Second-order finite volumes on cell averages: the flux through a face is its conductance times the difference of the
// two cells, so that what leaves one cell enters the next. Exact invariant: the sum of ρc T changes only by the fluxes
// through the sides and by q.

import Stencils

/// Computes dT for a vector of cells. One type for each kind of material, so that the row loop is compiled for it.
protocol Conduction {
  associatedtype Scalar: Real
  associatedtype OnRow: RowConduction where OnRow.Scalar == Scalar
  /// The fields it reads beside the temperature, each with its reach.
  var coefficients: [Field<Scalar>: Int] { get }
  /// Itself on one row, with what the row's cells have in common computed once.
  func on(_ row: Row<Scalar>) -> OnRow
}

protocol RowConduction {
  associatedtype Scalar: Real
  func change(_ u: Stencil<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector
}

/// The number of dimensions as a type, so that loops over cells are compiled for it.
protocol Dimensions { static var count: Int { get } }
enum OneDimension: Dimensions { static var count: Int { 1 } }
enum TwoDimensions: Dimensions { static var count: Int { 2 } }
enum ThreeDimensions: Dimensions { static var count: Int { 3 } }

/// Constant k, ρc and q.
struct UniformConduction<Scalar: Real, Space: Dimensions>: Conduction {
  /// k / (ρc h²) along each axis, 1/s.
  let rate: SIMD3<Double>
  /// q / (ρc), K/s.
  let heating: Double

  var coefficients: [Field<Scalar>: Int] { [:] }

  @inline(__always)
  func on(_ row: Row<Scalar>) -> OnRow {
    OnRow(
      x: .init(Scalar(row.dt * rate.x)), y: .init(Scalar(row.dt * rate.y)),
      z: .init(Scalar(row.dt * rate.z)), source: .init(Scalar(row.dt * heating)))
  }

  struct OnRow: RowConduction {
    let x: Scalar.Vector
    let y: Scalar.Vector
    let z: Scalar.Vector
    let source: Scalar.Vector

    // Differences of neighbours first: a constant temperature then stays so to the last bit.
    @inline(__always)
    func change(_ u: Stencil<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
      // Twice a number is exact, so a fused product rounds no less than a difference, and costs no addition: of these
      // a core does fewer at once.
      let (here, minusTwice) = (u[i], Scalar.Vector(-2))
      var change = source.addingProduct(x, (u[i, -1] + u[i, 1]).addingProduct(minusTwice, here))
      if Space.count > 1 {
        change = change.addingProduct(y, (u[i, 0, -1] + u[i, 0, 1]).addingProduct(minusTwice, here))
      }
      if Space.count > 2 {
        change = change.addingProduct(z, (u[i, 0, 0, -1] + u[i, 0, 0, 1]).addingProduct(minusTwice, here))
      }
      return change
    }
  }
}

/// k, ρc and q that vary from cell to cell, held regions included.
struct VariableConduction<Scalar: Real>: Conduction {
  let dimensions: Int
  /// Face conductance over cell width at each cell's lower face, W/m³/K, one field an axis.
  let conductance: [Field<Scalar>]
  /// 1/(ρc), m³ K/J, 0 where the temperature is held.
  let inverseCapacity: Field<Scalar>
  /// q, W/m³.
  let source: Field<Scalar>

  var coefficients: [Field<Scalar>: Int] {
    var fields = [inverseCapacity: 0, source: 0]
    for field in conductance { fields[field] = 1 }
    return fields
  }

  @inline(__always)
  func on(_ row: Row<Scalar>) -> OnRow {
    OnRow(
      dimensions: dimensions, x: row[conductance[0]], y: row[conductance[min(1, dimensions - 1)]],
      z: row[conductance[dimensions - 1]], inverse: row[inverseCapacity], source: row[source],
      dt: .init(Scalar(row.dt)))
  }

  struct OnRow: RowConduction {
    let dimensions: Int
    let x: Stencil<Scalar>
    let y: Stencil<Scalar>
    let z: Stencil<Scalar>
    let inverse: Stencil<Scalar>
    let source: Stencil<Scalar>
    let dt: Scalar.Vector

    @inline(__always)
    func change(_ u: Stencil<Scalar>, _ i: Cell<Scalar>) -> Scalar.Vector {
      let here = u[i]
      var heat = source[i].addingProduct(x[i, 1], u[i, 1] - here) - x[i] * (here - u[i, -1])
      if dimensions > 1 {
        heat = heat.addingProduct(y[i, 0, 1], u[i, 0, 1] - here) - y[i] * (here - u[i, 0, -1])
      }
      if dimensions > 2 {
        heat = heat.addingProduct(z[i, 0, 0, 1], u[i, 0, 0, 1] - here) - z[i] * (here - u[i, 0, 0, -1])
      }
      return (dt * inverse[i]) * heat
    }
  }
}
