import Heat
import Simulation

Simulation.main("heatsim", solvers: [SolverChoice(HeatSolver<Float>.self, HeatSolver<Double>.self)])
