"""Phased DMD (arXiv 2510.27684) in torch, in the paper's noise levels: x_t = (1 − t)·x_0 + t·ε, velocity ε − x_0, s < t."""

import copy

import torch
from distillation import normalised
from flow import along, predict_x1, velocity
from trainer import CONSTRAINED, Trainer, renoising_time


def coefficients(s, t):
    alpha = (1 - t) / (1 - s)
    return alpha, (t**2 - alpha**2 * s**2).clamp(min=1e-6).sqrt()


def renoised(x_s, noise, s, t):
    alpha, beta = coefficients(s, t)
    return along(alpha, x_s) * x_s + along(beta, x_s) * noise


def velocity_target(x_s, noise, s, t):
    _, beta = coefficients(s, t)
    return along((t + (1 - t) * s**2 / (1 - s) ** 2) / beta, x_s) * noise - x_s / along(1 - s, x_s)


def fake_loss(fake, x_s, noise, s, t, condition, deviation):
    _, beta = coefficients(s, t)
    x_t = renoised(x_s, noise, s, t)
    v = (x_t - predict_x1(fake, x_t, 1 - t, condition, deviation)) / along(t, x_t)
    error = (v - velocity_target(x_s, noise, s, t)) ** 2
    return (along(beta**2 * (1 / beta**2).clamp(max=10), x_s) * error).mean()


def advance(net, x, start, end, condition, deviation):
    """Euler's step in our time, data at 1."""
    return x + along(end - start, x) * velocity(net, x, start, condition, None, None, deviation)


def student_loss(roles, recipe, draws, empty, deviation):
    """The proxy loss at the phase's end; the per-sample normaliser compares predictions of data."""
    student, teacher, fake = roles
    condition, z, t, end = (draws[name] for name in ("condition", "z", "t", "end"))
    x_s = advance(student, z, t, end, condition, deviation)
    kind, s = recipe["renoising"]["normalizer"], 1 - end
    delta = torch.zeros_like(x_s)
    with torch.no_grad():
        x_0 = predict_x1(student, z, t, condition, deviation)
        for term, name in (("distributionMatching", "DM"), ("cfgAugmentation", "CA")):
            tau = draws[f"tau{name}"]
            x_tau = renoised(x_s, draws[f"noise{name}"], s, 1 - tau)
            real = predict_x1(teacher, x_tau, tau, condition, deviation)
            if name == "DM":
                direction = real - predict_x1(fake, x_tau, tau, condition, deviation)
            else:
                scale = recipe["guidance"]["scale"] - 1
                direction = scale * (real - predict_x1(teacher, x_tau, tau, empty, deviation))
            delta += recipe[term]["weight"] * normalised(direction, kind, x_0, real, tau)
    return 0.5 * ((x_s - (x_s + delta).detach()) ** 2).mean()


class Phased(Trainer):
    """Whole trainings: an expert for each phase, or one student through all of them."""

    def __init__(self, teacher, recipe, target, condition_of, empty, deviation, shape, iterations):
        self.arguments = teacher, recipe, target, condition_of, empty, deviation, shape
        super().__init__(*self.arguments)
        self.iterations, self.experts = iterations, []

    def bounds(self, count):
        phases = self.recipe["phased"]["phases"]
        return [round(k * count / phases) for k in range(phases + 1)]

    def begin(self):
        student, average = self.roles[0], self.average
        keeps = self.recipe["phased"]["experts"] == "one"
        self.experts.append(copy.deepcopy(average))
        super().__init__(*self.arguments)
        if keeps:
            self.roles[0].load_state_dict(student.state_dict())
            self.average.load_state_dict(average.state_dict())

    def net_of(self, step):
        steps = self.bounds(len(self.times))
        phase = max(k for k in range(len(steps) - 1) if steps[k] <= step)
        if self.recipe["phased"]["experts"] == "one" or phase >= len(self.experts):
            return self.roles[0]
        return self.experts[phase]

    @torch.no_grad()
    def phase_input(self, draw, phase):
        first, after = self.bounds(len(self.times))[phase : phase + 2]
        k = first + int(self.uniform("simulation", draw, 1).item() * (after - first))
        condition, z = self.condition_of(draw), self.noise("noise", draw)
        ends = [*self.times, 1.0]
        at = [torch.full((self.shape[0],), time, dtype=torch.float64) for time in ends]
        for j in range(k):
            z = advance(self.net_of(j), z, at[j], at[j + 1], condition, self.deviation)
        return {"z": z, "t": at[k], "condition": condition, "end": at[after]}

    def iterate(self, i):
        recipe, batch = self.recipe, self.shape[0]
        starts = self.bounds(self.iterations)
        phase = max(k for k in range(len(starts) - 1) if starts[k] <= i)
        if phase > len(self.experts):
            self.begin()
        updates = recipe["fakeScore"]["stepsPerStudentStep"]
        draws = self.phase_input(i * (updates + 1), phase)
        end, shift = draws["end"][0].item(), recipe["renoising"]["shift"]
        terms = (("DM", "distributionMatching"), ("CA", "cfgAugmentation"))
        for (name, term), constrained in zip(terms, CONSTRAINED[recipe["renoising"]["schedule"]]):
            low = draws["t"][0].item() if constrained else 0
            u = self.uniform(f"renoise{name}", i, batch)
            draws[f"tau{name}"] = renoising_time(u, low, min(recipe[term]["rangeMax"], end), shift)
            draws[f"noise{name}"] = self.noise(f"renoise{name}", i, 1)
        if recipe["renoising"]["schedule"] == "coupled-shared":
            draws["tauCA"], draws["noiseCA"] = draws["tauDM"], draws["noiseDM"]
        loss = student_loss(self.roles, recipe, draws, self.empty, self.deviation)
        self.update([(self.roles[0], self.optimizers[0])], loss)
        decay = recipe["student"]["emaDecay"]
        with torch.no_grad():
            for average, weight in zip(self.average.parameters(), self.roles[0].parameters()):
                average.mul_(decay).add_(weight, alpha=1 - decay)
        losses = []
        for k in range(updates):
            number, of = i * updates + k, self.phase_input(i * (updates + 1) + 1 + k, phase)
            tau = renoising_time(self.uniform("fakeTimestep", number, batch), 0, min(0.99, end), 1)
            with torch.no_grad():
                x_s = advance(self.roles[0], of["z"], of["t"], of["end"], of["condition"], self.deviation)
            noise, s = self.noise("fakeRenoise", number), 1 - of["end"]
            fake = fake_loss(self.roles[2], x_s, noise, s, 1 - tau, of["condition"], self.deviation)
            self.update([(self.roles[2], self.optimizers[1])], fake)
            losses.append(fake.item())
        return {"loss": loss.detach(), "fake_loss": torch.tensor(sum(losses) / updates)}
