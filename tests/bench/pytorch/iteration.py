"""Training iterations as a PyTorch user writes them for speed: Decoupled DMD, and the teacher it starts from. The
mathematics is the reference's; what is ours here is batching, freezing, fused optimisers, compilation and autocast."""

import copy

import torch
from distillation import normalised, rms
from flow import along, flow_matching_loss, grid, predict_x1, renoise
from models import empty_condition, random_condition, sample_shape
from trainer import CONSTRAINED, renoising_time

FAKE_TAU_MAX = 0.99


class RandomDraws:
    """Everything random of an iteration; the simulated steps are given, so that both sides run the same passes."""

    def __init__(self, config, batch):
        self.config, self.batch = config, batch
        self.shape = (batch, *sample_shape(config))
        self.indices = {}

    def index(self, draw):
        return self.indices[draw]

    def noise(self, purpose, step, index=0):
        return torch.randn(self.shape)

    def uniform(self, purpose, step):
        return torch.rand(self.batch)

    def condition(self, draw):
        return random_condition(self.config, self.batch)


class Updates:
    """What teacher and distillation share: compiled losses, autocast, and one way to update a network."""

    def __init__(self, compiled, precision):
        self.compiled = compiled
        self.autocast_type = torch.bfloat16 if precision == "bfloat16" else None

    def autocast(self):
        return torch.autocast("cpu", dtype=self.autocast_type, enabled=self.autocast_type is not None)

    def prepare(self, function):
        return torch.compile(function, dynamic=False) if self.compiled else function

    @staticmethod
    def optimizer(network, options, rate):
        return torch.optim.AdamW(
            network.parameters(),
            lr=rate,
            betas=(float(options["beta1"]), float(options["beta2"])),
            eps=1e-8,
            weight_decay=options["weightDecay"],
            fused=True,
        )

    @staticmethod
    def update(network, optimizer, loss, clip_norm):
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), clip_norm, foreach=True)
        optimizer.step()
        return norm

    @staticmethod
    @torch.no_grad()
    def average(averages, network, decay):
        torch._foreach_lerp_(list(averages.parameters()), list(network.parameters()), 1 - decay)


class Teacher(Updates):
    def __init__(self, network, recipe, draws, deviation, compiled=False, precision="float32"):
        super().__init__(compiled, precision)
        self.network, self.averages = network, copy.deepcopy(network).requires_grad_(False)
        self.recipe, self.draws, self.deviation = recipe, draws, deviation
        self.steps = self.optimizer(network, recipe["optimizer"], recipe["optimizer"]["learningRate"])
        self.loss = self.prepare(self.flow_loss)

    def flow_loss(self, x1, noise, t, condition):
        with self.autocast():
            return flow_matching_loss(self.network, x1, noise, t, condition, self.deviation)

    def iterate(self, i):
        x1, noise = self.draws.noise("data", i) / 2, self.draws.noise("noise", i)
        times = self.recipe["timesteps"]
        t = torch.sigmoid(times["mean"] + times["deviation"] * torch.randn(len(x1)))
        loss = self.loss(x1, noise, t, self.draws.condition(i))
        norm = self.update(self.network, self.steps, loss, self.recipe["optimizer"]["clipNorm"])
        self.average(self.averages, self.network, self.recipe["training"]["emaDecay"])
        return torch.stack([loss.detach(), norm]).tolist()


class Distillation(Updates):
    def __init__(self, teacher, config, recipe, draws, deviation, compiled=False, precision="float32"):
        super().__init__(compiled, precision)
        self.teacher = teacher.requires_grad_(False)
        self.student, self.fake = (copy.deepcopy(teacher).requires_grad_(True) for _ in range(2))
        self.averages = copy.deepcopy(teacher)
        self.recipe, self.draws, self.deviation = recipe, draws, deviation
        self.empty = empty_condition(config, draws.batch)
        self.times = grid(recipe["student"]["steps"], recipe["student"]["shift"]).tolist()
        options = recipe["optimizer"]
        self.student_steps = self.optimizer(self.student, options, options["learningRate"])
        self.fake_steps = self.optimizer(self.fake, options, recipe["fakeScore"]["learningRate"])
        self.student_loss = self.prepare(self.proxy_loss)
        self.fake_loss = self.prepare(self.fake_score_loss)
        self.simulate = self.prepare(self.few_step)

    def predict(self, network, x, t, condition):
        return predict_x1(network, x, t, condition, self.deviation)

    def few_step(self, z, t, following, noise, condition):
        with torch.no_grad(), self.autocast():
            return renoise(self.predict(self.student, z, t, condition), noise, following)

    def proxy_loss(self, z, t, condition, tau_dm, noise_dm, tau_ca, noise_ca):
        """Both terms on draws of their own; the teacher's three passes are one batch."""
        recipe = self.recipe
        normalizer = recipe["renoising"]["normalizer"]
        with self.autocast():
            x = self.predict(self.student, z, t, condition)
            with torch.no_grad():
                x_dm, x_ca = renoise(x, noise_dm, tau_dm), renoise(x, noise_ca, tau_ca)
                joined = {key: torch.cat([value, value, self.empty[key]]) for key, value in condition.items()}
                real, real_ca, unconditional = self.predict(
                    self.teacher, torch.cat([x_dm, x_ca, x_ca]), torch.cat([tau_dm, tau_ca, tau_ca]), joined
                ).chunk(3)
                fake = self.predict(self.fake, x_dm, tau_dm, condition)
                dm, ca = real - fake, (recipe["guidance"]["scale"] - 1) * (real_ca - unconditional)
                delta = recipe["distributionMatching"]["weight"] * normalised(dm, normalizer, x, real, tau_dm)
                delta += recipe["cfgAugmentation"]["weight"] * normalised(ca, normalizer, x, real_ca, tau_ca)
                v_real, v_fake = ((p - x_dm) / (1 - along(tau_dm, x)) for p in (real, fake))
                metrics = {
                    "x_mean": x.mean(),
                    "x_std": x.std(unbiased=False),
                    "out_of_range": ((x < -1) | (x > 1)).to(x.dtype).mean(),
                    "dm_rms": rms(dm),
                    "dm_rel_gap": rms(v_real - v_fake) / rms(v_real),
                    "dm_cos": torch.nn.functional.cosine_similarity(v_real.flatten(), v_fake.flatten(), dim=0),
                    "ca_rms": rms(ca),
                    "dm_to_ca": rms(dm) / rms(ca),
                }
                target = x + delta
            loss = 0.5 * ((x - target) ** 2).mean()
        return loss, metrics

    def fake_score_loss(self, z, t, condition, noise, tau):
        with self.autocast():
            with torch.no_grad():
                generated = self.predict(self.student, z, t, condition)
            return flow_matching_loss(self.fake, generated, noise, tau, condition, self.deviation)

    def student_input(self, draw):
        """Backward simulation: the student's own earlier steps from noise."""
        index, condition = self.draws.index(draw), self.draws.condition(draw)
        z = self.draws.noise("noise", draw)
        at = [z.new_full((len(z),), time) for time in self.times]
        for k in range(index):
            z = self.simulate(z, at[k], at[k + 1], self.draws.noise("simulation", draw, k + 1), condition)
        return z, at[index], condition, self.times[index]

    def renoising(self, purpose, term, constrained, student_time, i):
        low, high = self.recipe[term]["rangeMin"], self.recipe[term]["rangeMax"]
        low = max(low, student_time) if constrained else low
        tau = renoising_time(self.draws.uniform(purpose, i), low, high, self.recipe["renoising"]["shift"])
        return tau, self.draws.noise(purpose, i, 1)

    def iterate(self, i):
        updates, clip = self.recipe["fakeScore"]["stepsPerStudentStep"], self.recipe["optimizer"]["clipNorm"]
        z, t, condition, student_time = self.student_input(i * (updates + 1))
        dm, ca = CONSTRAINED[self.recipe["renoising"]["schedule"]]
        terms = (
            *self.renoising("renoiseDM", "distributionMatching", dm, student_time, i),
            *self.renoising("renoiseCA", "cfgAugmentation", ca, student_time, i),
        )
        loss, metrics = self.student_loss(z, t, condition, *terms)
        norm = self.update(self.student, self.student_steps, loss, clip)
        self.average(self.averages, self.student, self.recipe["student"]["emaDecay"])
        read = torch.stack([*metrics.values(), loss.detach(), norm]).tolist()
        fake_losses = []
        for k in range(updates):
            z, t, condition, _ = self.student_input(i * (updates + 1) + 1 + k)
            number = i * updates + k
            tau = FAKE_TAU_MAX * self.draws.uniform("fakeTimestep", number)
            loss = self.fake_loss(z, t, condition, self.draws.noise("fakeRenoise", number), tau)
            self.update(self.fake, self.fake_steps, loss, clip)
            fake_losses.append(loss.item())
        return [*read, sum(fake_losses) / updates]
