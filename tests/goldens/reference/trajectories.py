"""Consistency and progressive distillation in torch, in the papers' own symbols: noise level u = 1 − t, α = 1 − u, σ = u."""

import copy

import torch
from flow import along, grid, predict_x1, renoise, velocity


def one_step(net, x, t, s, condition, empty, scale, deviation, second_order):
    """Guided Euler or Heun from t to s."""
    v = velocity(net, x, t, condition, empty, scale, deviation)
    end = x + along(s - t, x) * v
    if not second_order:
        return end
    return x + along(s - t, x) * (v + velocity(net, end, s, condition, empty, scale, deviation)) / 2


def consistency_loss(student, average, teacher, x1, noise, t, s, condition, empty, scale, deviation, settings):
    """Definition 1 of Song et al. 2023 with the guided step of Luo et al. 2023."""
    x_t = renoise(x1, noise, t)
    with torch.no_grad():
        x_s = one_step(teacher, x_t, t, s, condition, empty, scale, deviation, settings["solver"] == "heun")
        target = predict_x1(average, x_s, s, condition, deviation)
    difference = (predict_x1(student, x_t, t, condition, deviation) - target).flatten(1)
    if settings["distance"] == "squared":
        return (difference**2).mean()
    kappa = 0.00054 * difference.shape[1] ** 0.5
    return ((difference.norm(dim=1) ** 2 + kappa**2).sqrt() - kappa).mean()


def progressive_target(teacher, z, times, condition, empty, scale, deviation):
    """Algorithm 2 of Salimans & Ho 2022, line for line, with DDIM's steps."""

    def ddim(z, u, v):
        t = 1 - u
        x = predict_x1(teacher, z, t, condition, deviation)
        if scale is not None:
            x_empty = predict_x1(teacher, z, t, empty, deviation)
            x = x_empty + along(scale, z) * (x - x_empty)
        return along(1 - v, z) * x + along(v / u, z) * (z - along(1 - u, z) * x)

    u, middle, end = (1 - t for t in times)
    z_end = ddim(ddim(z, u, middle), middle, end)
    ratio = along(end / u, z)
    return (z_end - ratio * z) / (along(1 - end, z) - ratio * along(1 - u, z))


def progressive_loss(student, teacher, x1, noise, times, condition, empty, scale, deviation):
    """Their weight SNR + 1 for data of any deviation: SNR + 1/deviation²."""
    z = renoise(x1, noise, times[0])
    with torch.no_grad():
        target = progressive_target(teacher, z, times, condition, empty, scale, deviation)
    snr = (times[0] / (1 - times[0])) ** 2
    error = (predict_x1(student, z, times[0], condition, deviation) - target) ** 2
    return (along(snr + deviation**-2, z) * error).mean()


class Trajectories:
    """Whole trainings of the student with torch's AdamW; draws come from outside."""

    def __init__(self, teacher, recipe, empty, deviation, iterations):
        self.teacher, self.recipe, self.empty, self.deviation = teacher, recipe, empty, deviation
        self.iterations = iterations
        self.student, self.average = copy.deepcopy(teacher), copy.deepcopy(teacher)
        self.stage_teacher, self.stage = teacher, 0
        self.begin()

    def begin(self):
        options = self.recipe["optimizer"]
        self.optimizer = torch.optim.AdamW(
            self.student.parameters(), lr=1, betas=(options["beta1"], options["beta2"]), eps=1e-8,
            weight_decay=options["weightDecay"],
        )  # fmt: skip

    def scale(self, batch):
        return torch.full((batch,), float(self.recipe["guidance"]["scale"])).double()

    def iterate(self, i, x1, noise, condition, uniforms):
        recipe, batch = self.recipe, len(x1)
        rate = recipe["optimizer"]["learningRate"]
        if recipe["method"] == "consistency":
            settings = recipe["consistency"]
            levels = torch.cat([grid(settings["levels"], recipe["student"]["shift"]), torch.ones(1)]) * 0.995
            n = (uniforms * (settings["levels"] - settings["skip"] + 1)).long()
            loss = consistency_loss(
                self.student, self.average, self.teacher, x1, noise, levels[n], levels[n + settings["skip"]],
                condition, self.empty, self.scale(batch), self.deviation, settings,
            )  # fmt: skip
        else:
            stages = recipe["progressive"]["stages"]
            bounds = [round(k * self.iterations / stages) for k in range(stages + 1)]
            stage = max(k for k in range(stages) if bounds[k] <= i)
            if stage != self.stage:
                self.stage, self.stage_teacher = stage, copy.deepcopy(self.average)
                self.student = copy.deepcopy(self.average)
                self.begin()
            steps = recipe["student"]["steps"] * 2 ** (stages - 1 - stage)
            fine = torch.cat([grid(2 * steps, recipe["student"]["shift"]), torch.ones(1).double()])
            n = (uniforms * steps).long()
            loss = progressive_loss(
                self.student, self.stage_teacher, x1, noise, [fine[2 * n], fine[2 * n + 1], fine[2 * n + 2]],
                condition, self.empty, self.scale(batch) if stage == 0 else None, self.deviation,
            )  # fmt: skip
            rate *= 1 - (i - bounds[stage]) / (bounds[stage + 1] - bounds[stage])
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), recipe["optimizer"]["clipNorm"])
        self.optimizer.step()
        decay = recipe["student"]["emaDecay"]
        with torch.no_grad():
            for average, weight in zip(self.average.parameters(), self.student.parameters()):
                average.mul_(decay).add_(weight, alpha=1 - decay)
        return loss.detach()
