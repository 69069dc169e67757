"""Whole iterations of Decoupled DMD with torch.optim.AdamW and the engine's random streams."""

import copy
import math

import torch
from distillation import fake_loss, student_loss
from flow import few_step_inputs, grid, shift_timestep
from gan import critic_loss, student_gan_loss
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


def warmup_shift(recipe, i):
    """DMDR's cosine from 4 to 1, as a factor of the shift."""
    warmup = recipe["renoising"].get("warmup", 0)
    progress = min(1, i / warmup) if warmup else 1
    return 1 + (4 - 1) * 0.5 * (1 + math.cos(math.pi * progress))


class Trainer:
    def __init__(self, teacher, recipe, target, condition_of, empty, deviation, shape, heads=None):
        self.roles = tuple(copy.deepcopy(teacher) for _ in range(3))
        self.recipe, self.target, self.condition_of = recipe, target, condition_of
        self.empty, self.deviation, self.shape = empty, deviation, shape
        self.average = copy.deepcopy(teacher)
        self.heads = copy.deepcopy(heads)
        self.uses_dm = recipe["distributionMatching"]["weight"] > 0
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
                *([(self.heads, recipe["gan"]["learningRate"])] if heads else []),
            )
        ]

    def noise(self, purpose, step, index=0):
        values = normal(math.prod(self.shape), seed=self.recipe["seed"], purpose=purpose, step=step, index=index)
        return torch.tensor(values).view(self.shape)

    def uniform(self, purpose, step, count, index=0):
        return torch.tensor(uniform(count, seed=self.recipe["seed"], purpose=purpose, step=step, index=index))

    def gan_tau(self, purpose, step, index=0):
        low, high = self.recipe["gan"]["rangeMin"], self.recipe["gan"]["rangeMax"]
        return low + self.uniform(purpose, step, self.shape[0], index) * (high - low)

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

    def update(self, parts, loss):
        """One backward pass; each part has its own clip and its own AdamW."""
        for _, optimizer in parts:
            optimizer.zero_grad()
        loss.backward()
        for model, optimizer in parts:
            torch.nn.utils.clip_grad_norm_(model.parameters(), self.recipe["optimizer"]["clipNorm"])
            optimizer.step()

    def student_draws(self, i):
        recipe, batch = self.recipe, self.shape[0]
        z, t, condition = self.student_input(i * (recipe["fakeScore"]["stepsPerStudentStep"] + 1))
        draws = {"z": z, "t": t, "condition": condition}
        schedule, shift = recipe["renoising"]["schedule"], recipe["renoising"]["shift"] * warmup_shift(recipe, i)
        terms = (("DM", "distributionMatching"), ("CA", "cfgAugmentation"))
        for (name, term), constrained in zip(terms, CONSTRAINED[schedule]):
            low = max(recipe[term]["rangeMin"], t[0].item()) if constrained else recipe[term]["rangeMin"]
            u = self.uniform(f"renoise{name}", i, batch)
            draws[f"tau{name}"] = renoising_time(u, low, recipe[term]["rangeMax"], shift)
            draws[f"noise{name}"] = self.noise(f"renoise{name}", i, 1)
        if schedule == "coupled-shared":
            draws["tauCA"], draws["noiseCA"] = draws["tauDM"], draws["noiseDM"]
        if self.heads:
            draws["tauGan"], draws["noiseGan"] = self.gan_tau("discriminate", i), self.noise("discriminate", i, 1)
        return draws

    def critic_draws(self, i, draw, number):
        z, t, condition = self.student_input(draw)
        u = self.uniform("fakeTimestep", number, self.shape[0])
        tau = renoising_time(u, 0, 0.99, warmup_shift(self.recipe, i))
        draws = {"z": z, "t": t, "condition": condition, "tau": tau, "noise": self.noise("fakeRenoise", number)}
        if self.heads:
            draws["real"], draws["realCondition"] = self.noise("data", number), self.condition_of(number)
            for index, of in enumerate(("Real", "Generated")):
                draws[f"tau{of}"] = self.gan_tau("discriminatorUpdate", number, index)
                draws[f"noise{of}"] = self.noise("discriminatorUpdate", number, 2 + index)
            draws["direction"] = self.noise("discriminatorUpdate", number, 4)
        return draws

    def student_update(self, draws):
        arguments = self.recipe, self.target, draws, self.empty, self.deviation
        if self.heads:
            return student_gan_loss(self.roles, self.heads, *arguments)
        return student_loss(self.roles, *arguments)

    def critic_update(self, draws):
        if self.heads:
            return critic_loss(self.roles, self.heads, self.recipe, draws, self.deviation)
        loss = fake_loss(
            self.roles, draws["z"], draws["t"], draws["condition"], draws["noise"], draws["tau"], self.deviation
        )
        return loss, {"fake_loss": loss.detach()}

    def iterate(self, i):
        loss, metrics = self.student_update(self.student_draws(i))
        student, fake, *discriminator = zip(filter(None, (self.roles[0], self.roles[2], self.heads)), self.optimizers)
        self.update([student], loss)
        decay = self.recipe["student"]["emaDecay"]
        with torch.no_grad():
            for average, weight in zip(self.average.parameters(), self.roles[0].parameters()):
                average.mul_(decay).add_(weight, alpha=1 - decay)
        updates, every = self.recipe["fakeScore"]["stepsPerStudentStep"], []
        for k in range(updates):
            draws = self.critic_draws(i, i * (updates + 1) + 1 + k, i * updates + k)
            loss, numbers = self.critic_update(draws)
            self.update([*([fake] if self.uses_dm else []), *discriminator], loss)
            every.append(numbers)
        averages = {name: sum(numbers[name] for numbers in every) / updates for name in every[0]}
        return {**metrics, **averages}
