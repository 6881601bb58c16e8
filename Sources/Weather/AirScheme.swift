import Stencils

/// What the schemes have in common: the end of a step.
protocol AirScheme<Scalar> {
  associatedtype Scalar: Real
  var domain: Domain<Scalar> { get }
  var state: AirFields<Scalar> { get }
  var old: AirFields<Scalar> { get }
  var base: AirProfiles<Scalar> { get }
  var parameters: Parameters { get }
}

extension AirScheme {
  /// Appends diffusion and sponge to a step and makes its result the state, and the state the one before.
  // Inlined, so that the kernels are compiled for the type of the numbers.
  @inline(__always)
  func finish(_ step: inout Step<Scalar>, end: AirFields<Scalar>, spare: AirFields<Scalar>) {
    var end = end
    let viscosity = parameters.number("viscosity")
    if viscosity > 0 {
      let kernel = AirDiffusion(
        viscosity: viscosity, spacing: domain.grid.spacing, axes: AirAxes(domain.grid), input: end, output: spare,
        base: base)
      var reading: [Field<Scalar>: Int] = [:]
      for field in end.all { reading[field] = 1 }
      step.append(Sweep("diffusion", reading: reading, writing: spare.all) { kernel.run($0) })
      end = spare
    }
    if let sponge = AirSponge(parameters, on: end, domain) { step.append(sponge.sweep) }
    for (p, q) in zip(state.all, end.all) { step.swap(p, q) }
    for (p, q) in zip(old.all, end.all) where p != q { step.swap(p, q) }
  }
}
