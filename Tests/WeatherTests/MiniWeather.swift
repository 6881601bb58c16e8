import Testing

/// Values of a field at some cells, and the field's range.
struct Samples {
  let field: String
  let range: Double
  /// In the order of the cells.
  let values: [Double]
}

/// What a run must reproduce: values that M. Norman's miniWeather (C++, one process, double precision without fused
/// multiply-add) reached on 200 x 100 cells.
struct Reference {
  /// Row and column, from the lower left.
  let cells: [(row: Int, column: Int)]
  let samples: [Samples]
}

/// Expects the values of another program with the same numerics: what differs is rounding, which the flow lets grow to
/// about 1e-13 of each range.
func expectReference(_ run: Weathered, _ reference: Reference) throws {
  for samples in reference.samples {
    let values = try run.last(samples.field)
    for (cell, expected) in zip(reference.cells, samples.values) {
      let found = values[cell.row * run.cells[0] + cell.column]
      #expect(abs(found - expected) < 1e-10 * samples.range, "\(samples.field) at \(cell): \(found), not \(expected)")
    }
    #expect(abs(values.max()! - values.min()! - samples.range) < 1e-10 * samples.range)
  }
}

/// The rising thermal after 400 s.
let thermalSamples = Reference(
  cells: [(10, 97), (30, 100), (45, 112), (20, 85), (0, 60), (99, 140)],
  samples: [
    Samples(
      field: "density_perturbation", range: 0.009799928925477472,
      values: [
        -0.0004770031441066177,
        -0.003648171941466004,
        -0.003916821416898385,
        -6.370885046591001e-05,
        0.0008671687444683355,
        -0.0011479833130763,
      ]),
    Samples(
      field: "u", range: 14.897966876489676,
      values: [
        1.3797167611096315,
        0.04776395966204659,
        6.937105203111077,
        5.922155750908921,
        1.5064550274535917,
        0.7565418071157062,
      ]),
    Samples(
      field: "w", range: 21.06666942957257,
      values: [
        3.8954246926099585,
        14.306426344226963,
        2.3368334041853136,
        -1.3686894999804378,
        -0.03292490380960828,
        -0.006429207874244909,
      ]),
    Samples(
      field: "theta_perturbation", range: 3.0844965188356355,
      values: [
        0.07192654654528496,
        0.7475632211754828,
        1.1585628610289973,
        0.04469731056559567,
        -0.0005445399581844867,
        0.0031243354899856968,
      ]),
  ])

/// The bubble that is 20 K too cold after 300 s.
let coldBubbleSamples = Reference(
  cells: [(0, 100), (3, 90), (12, 70), (20, 100), (5, 125), (99, 30)],
  samples: [
    Samples(
      field: "density_perturbation", range: 0.08424836545061051,
      values: [
        -0.0027813333148721834,
        0.04305675774151155,
        0.01603316216259683,
        -0.00928498168274515,
        0.0025346487750970764,
        -0.006774713935248713,
      ]),
    Samples(
      field: "u", range: 72.3470660563695,
      values: [
        0.7264725547703519,
        -11.452638179460175,
        -23.364328528550562,
        0.8515892006810821,
        32.083394886693156,
        -0.30896760249352273,
      ]),
    Samples(
      field: "w", range: 72.17541446163114,
      values: [
        -0.8029606632903156,
        -4.804243903488138,
        9.967879877761305,
        -27.493707213838697,
        1.0718171699800967,
        -0.10220194331335447,
      ]),
    Samples(
      field: "theta_perturbation", range: 18.6691331385569,
      values: [
        0.570086178460997,
        -11.52898347030498,
        -7.151038392917883,
        0.03935958854509636,
        -2.5459628971088932,
        -0.018229761041823167,
      ]),
  ])
