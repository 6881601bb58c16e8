import Simulation

Simulation.main("mistaken", solvers: [SolverChoice(Mistaken<Float>.self, Mistaken<Double>.self)])
