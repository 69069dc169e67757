"""Whole iterations of Decoupled DMD with torch.optim.AdamW and the engine's random streams."""

import copy
import math

import torch
from distillation import fake_loss, student_loss
from flow import few_step_inputs, grid, shift_timestep
from philox import normal, uniform

CONSTRAINED = {
    "coupled-shared": (False, False),
    "decoupled-full": (False, False),
    "decoupled-constrained": (True, True),
    "decoupled-hybrid": (False, True),
}


def renoising_time(u, low, high, shift):
    """Uniform between low and high before the shift."""
    start, end = (shift_timestep(v, 1 / shift) for v in (low, high))
    return shift_timestep(start + u * (end - start), shift)


class Trainer:
    def __init__(self, teacher, recipe, target, condition_of, empty, deviation, shape):
        self.roles = tuple(copy.deepcopy(teacher) for _ in range(3))
        self.recipe, self.target, self.condition_of = recipe, target, condition_of
        self.empty, self.deviation, self.shape = empty, deviation, shape
        self.average = copy.deepcopy(teacher)
        self.times = grid(recipe["student"]["steps"], recipe["student"]["shift"]).tolist()
        options = recipe["optimizer"]
        self.optimizers = [
            torch.optim.AdamW(
                model.parameters(),
                lr=rate,
                betas=(options["beta1"], options["beta2"]),
                eps=1e-8,
                weight_decay=options["weightDecay"],
            )
            for model, rate in (
                (self.roles[0], options["learningRate"]),
                (self.roles[2], recipe["fakeScore"]["learningRate"]),
            )
        ]

    def noise(self, purpose, step, index=0):
        values = normal(math.prod(self.shape), seed=self.recipe["seed"], purpose=purpose, step=step, index=index)
        return torch.tensor(values).view(self.shape)

    def uniform(self, purpose, step, count):
        return torch.tensor(uniform(count, seed=self.recipe["seed"], purpose=purpose, step=step))

    @torch.no_grad()
    def student_input(self, draw):
        """Backward simulation: the student's own earlier steps from noise."""
        k = int(self.uniform("simulation", draw, 1).item() * len(self.times))
        noises = [self.noise("simulation", draw, j + 1) for j in range(k)]
        condition = self.condition_of(draw)
        times = self.times[: k + 1]
        states, _ = few_step_inputs(
            self.roles[0], self.noise("noise", draw), times, noises, condition, self.deviation
        )
        t = torch.full((self.shape[0],), times[k], dtype=torch.float64)
        return states[-1], t, condition

    def update(self, model, optimizer, loss):
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), self.recipe["optimizer"]["clipNorm"])
        optimizer.step()

    def iterate(self, i):
        recipe, batch = self.recipe, self.shape[0]
        updates = recipe["fakeScore"]["stepsPerStudentStep"]
        z, t, condition = self.student_input(i * (updates + 1))
        draws = {"z": z, "t": t, "condition": condition}
        schedule, shift = recipe["renoising"]["schedule"], recipe["renoising"]["shift"]
        terms = (("DM", "distributionMatching"), ("CA", "cfgAugmentation"))
        for (name, term), constrained in zip(terms, CONSTRAINED[schedule]):
            low = max(recipe[term]["rangeMin"], t[0].item()) if constrained else recipe[term]["rangeMin"]
            u = self.uniform(f"renoise{name}", i, batch)
            draws[f"tau{name}"] = renoising_time(u, low, recipe[term]["rangeMax"], shift)
            draws[f"noise{name}"] = self.noise(f"renoise{name}", i, 1)
        if schedule == "coupled-shared":
            draws["tauCA"], draws["noiseCA"] = draws["tauDM"], draws["noiseDM"]
        loss, metrics = student_loss(self.roles, recipe, self.target, draws, self.empty, self.deviation)
        self.update(self.roles[0], self.optimizers[0], loss)
        decay = recipe["student"]["emaDecay"]
        with torch.no_grad():
            for average, weight in zip(self.average.parameters(), self.roles[0].parameters()):
                average.mul_(decay).add_(weight, alpha=1 - decay)
        losses = []
        for k in range(updates):
            z, t, condition = self.student_input(i * (updates + 1) + 1 + k)
            number = i * updates + k
            tau = 0.99 * self.uniform("fakeTimestep", number, batch)
            loss = fake_loss(self.roles, z, t, condition, self.noise("fakeRenoise", number), tau, self.deviation)
            self.update(self.roles[2], self.optimizers[1], loss)
            losses.append(loss.item())
        return {**metrics, "fake_loss": torch.tensor(sum(losses) / updates)}
