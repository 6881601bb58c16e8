import Simulation
import Weather

Simulation.main(
  "weathersim",
  solvers: [
    SolverChoice(ShallowWaterSolver<Float>.self, ShallowWaterSolver<Double>.self),
    SolverChoice(AtmosphereSolver<Float>.self, AtmosphereSolver<Double>.self),
  ])
