"""Makes `engine/*.safetensors`: what the engine must compute, by PyTorch in float64 from the papers' equations.

    pip install torch==2.15.0 safetensors==0.8.0 numpy==2.0.2 tensorflow-cpu==2.18.1
    python tests/goldens/makeGoldens.py

Weights and inputs are rounded to float32 before they are used, so both sides start from the same numbers.
TensorFlow is used for its random streams alone.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import safetensors.numpy
import tensorflow as tf
import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent / "reference"))
import phased
import philox
from distillation import fake_loss, mean_variance, normalised, student_loss
from flow import (
    edm,
    few_step_inputs,
    flow_matching_loss,
    grid,
    integrate,
    predict_x1,
    renoise,
    shift_timestep,
)
from gan import (
    Heads,
    critic_loss,
    discriminator_loss,
    feature_layers,
    generator_loss,
    logits,
    student_gan_loss,
)
from networks import Dit, Mlp
from phased import Phased
from trainer import Trainer
from trajectories import Trajectories, consistency_loss, progressive_loss, progressive_target

FOLDER = pathlib.Path(__file__).parent / "engine"
DEVIATION = 0.7
TARGET = {"mean": 0.075, "variance": 0.81}
MLP = {"dimensions": 2, "width": 16, "layers": 3, "classes": 3}
CAPTIONS = {"vocabulary": 11, "length": 5, "width": 8, "layers": 2, "heads": 2}
DIT = {
    "size": 8, "channels": 3, "patch": 4, "width": 16, "layers": 2, "heads": 2, "classes": 3, "captions": CAPTIONS,
}  # fmt: skip

generator = torch.Generator().manual_seed(20251122)


def normal(*shape, scale=1.0):
    return (torch.randn(*shape, generator=generator) * scale).double()


def uniform(count, low=0.0, high=1.0):
    return (low + (high - low) * torch.rand(count, generator=generator)).float().double()


class Golden:
    """One fixture: arrays by dotted path, and JSON in the header's `golden`."""

    def __init__(self, **header):
        self.header, self.arrays = header, {}

    def put(self, path, value):
        value = value.detach() if torch.is_tensor(value) else torch.as_tensor(value)
        kind = torch.float32 if value.is_floating_point() else torch.int32
        self.arrays[path] = value.to(kind).contiguous().numpy()

    def put_all(self, path, values):
        for name, value in values.items():
            self.put(f"{path}.{name}", value)

    def put_gradients(self, path, net, loss):
        net.zero_grad()
        loss.backward()
        zero = torch.zeros_like  # where the loss does not depend on a weight
        gradients = {name: zero(p) if p.grad is None else p.grad for name, p in net.named_parameters()}
        self.put_all(path, gradients)

    def save(self, name):
        FOLDER.mkdir(exist_ok=True)
        content = safetensors.numpy.save(self.arrays, {"golden": json.dumps(self.header)})
        (FOLDER / f"{name}.safetensors").write_bytes(content)


class Case:
    """A network family with its random weights and a batch of inputs."""

    def __init__(self, family):
        self.family = family
        self.config = {"family": family, **(MLP if family == "mlp" else DIT)}
        self.batch = 4
        self.shape = (self.batch, 2) if family == "mlp" else (self.batch, 8, 8, 3)
        self.condition = {"classes": torch.tensor([0, 2, 1, 3])}
        self.empty = {"classes": torch.full((4,), 3)}
        if family == "dit":
            captions = [[2, 5, 7, 3, 9], [2, 4, 0, 0, 0], [0, 0, 0, 0, 0], [2, 8, 8, 0, 0]]
            self.condition["captions"] = torch.tensor(captions)
            self.empty["captions"] = torch.zeros(4, 5, dtype=torch.int64)

    def net(self):
        net = (Mlp(**MLP) if self.family == "mlp" else Dit(**DIT)).double()
        with torch.no_grad():
            for name, p in net.named_parameters():
                embeds = "embed" in name and not name.endswith("proj.weight")
                scale = 0.5 if p.dim() == 1 or embeds or "table" in name else p.shape[-1] ** -0.5
                p.copy_(normal(*p.shape, scale=scale))
        return net

    def near(self, net, scale):
        """The same network a little trained, as a student or a fake score is."""
        other = self.net()
        with torch.no_grad():
            for p, original in zip(other.parameters(), net.parameters()):
                p.copy_((original + scale * p).float().double())
        return other

    def golden(self, **header):
        return Golden(network=self.config, deviation=DEVIATION, target=TARGET, **header)


def make_model(case):
    golden, net = case.golden(), case.net()
    x, t, direction = normal(*case.shape), uniform(4), normal(*case.shape)
    golden.put_all("weights", dict(net.named_parameters()))
    golden.put_all("in", {"x": x, "t": t, "direction": direction, **case.condition})
    for name, condition in (("conditioned", case.condition), ("empty", case.empty)):
        output = net(x, t, condition)
        golden.put(f"{name}.output", output)
        golden.put_gradients(f"{name}.gradient", net, (output * direction).sum())
    golden.save(case.family)


def make_flow(case):
    golden, net = case.golden(), case.net()
    x1, noise, scale = normal(*case.shape, scale=DEVIATION), normal(*case.shape), uniform(4, 1, 4)
    t = torch.tensor([0.0, 0.25, 0.6, 0.95]).double().float().double()
    golden.put_all("weights", dict(net.named_parameters()))
    golden.put_all("in", {"x1": x1, "noise": noise, "t": t, "scale": scale, **case.condition})
    x_t = renoise(x1, noise, t)
    golden.put("xt", x_t)
    golden.put("predictX1", predict_x1(net, x_t, t, case.condition, DEVIATION))
    loss = flow_matching_loss(net, x1, noise, t, case.condition, DEVIATION)
    golden.put("loss", loss)
    golden.put_gradients("gradient", net, loss)
    times = torch.tensor([0.0, 0.2, 0.45, 0.8, 1.0]).float().double()
    golden.put("times", times)
    with torch.no_grad():
        for solver, second in (("euler", False), ("heun", True)):
            for name, alpha in (("plain", None), ("guided", scale)):
                states = integrate(net, noise, times, case.condition, case.empty, alpha, DEVIATION, second)
                golden.put(f"{solver}.{name}", torch.stack(states))
        student_times = grid(4, 2.0)
        noises = [normal(*case.shape) for _ in student_times[1:]]
        states, sample = few_step_inputs(net, noise, student_times, noises, case.condition, DEVIATION)
        golden.put("fewStep.noises", torch.stack(noises))
        golden.put("fewStep.inputs", torch.stack(states))
        golden.put("fewStep.sample", sample)
    golden.save(f"flow-{case.family}")


def recipe(**changes):
    base = {
        "seed": 5,
        "student": {"steps": 3, "shift": 2, "emaDecay": 0.9},
        "guidance": {"scale": 3},
        "cfgAugmentation": {"weight": 1, "rangeMin": 0, "rangeMax": 0.98},
        "distributionMatching": {"weight": 1, "rangeMin": 0, "rangeMax": 0.98},
        "meanVariance": {"weight": 0},
        "renoising": {"schedule": "decoupled-hybrid", "shift": 1, "normalizer": "per-sample"},
        "fakeScore": {"learningRate": 3e-3, "stepsPerStudentStep": 2},
        "optimizer": {"learningRate": 2e-3, "beta1": 0.5, "beta2": 0.9, "weightDecay": 0.05, "clipNorm": 0.3},
        "training": {"batch": 4},
    }
    return {section: {**value, **changes.get(section, {})} if isinstance(value, dict) else changes.get(section, value)
            for section, value in base.items()}  # fmt: skip


RECIPES = {
    "shared": recipe(renoising={"schedule": "coupled-shared"}),
    "full": recipe(renoising={"schedule": "decoupled-full", "normalizer": "time"}),
    "constrained": recipe(renoising={"schedule": "decoupled-constrained", "normalizer": "none"}),
    "hybrid": recipe(cfgAugmentation={"weight": 0.7}, distributionMatching={"weight": 1.3}),
    "ca-only": recipe(distributionMatching={"weight": 0}),
    "dm-only": recipe(cfgAugmentation={"weight": 0}),
    "ca-mean-variance": recipe(distributionMatching={"weight": 0}, meanVariance={"weight": 0.5}),
}


def make_distillation(case):
    golden = case.golden(recipes=RECIPES)
    teacher = case.net()
    roles = case.near(teacher, 0.1), teacher, case.near(teacher, 0.05)
    for name, net in zip(("student", "teacher", "fake"), roles):
        golden.put_all(f"weights.{name}", dict(net.named_parameters()))
    t = torch.full((4,), 0.3).double()
    draws = {
        "z": normal(*case.shape), "t": t, "condition": case.condition,
        "tauDM": uniform(4, 0, 0.98), "noiseDM": normal(*case.shape),
        "tauCA": uniform(4, 0.3, 0.98), "noiseCA": normal(*case.shape),
    }  # fmt: skip
    golden.put_all("in", {**{k: v for k, v in draws.items() if k != "condition"}, **case.condition})
    for name, settings in RECIPES.items():
        used = dict(draws)
        if name == "shared":
            used["tauCA"], used["noiseCA"] = used["tauDM"], used["noiseDM"]
        loss, metrics = student_loss(roles, settings, TARGET, used, case.empty, DEVIATION)
        golden.put_gradients(f"{name}.gradient", roles[0], loss)
        golden.put_all(f"{name}.metric", metrics)
    loss = fake_loss(roles, draws["z"], t, case.condition, draws["noiseDM"], draws["tauDM"], DEVIATION)
    golden.put("fake.loss", loss)
    golden.put_gradients("fake.gradient", roles[2], loss)
    golden.save(f"distillation-{case.family}")


def make_terms():
    """The single terms, on images (3, 4, 4, 2)."""
    golden = Golden(target=TARGET, deviation=DEVIATION)
    x, real, empty, fake, x_tau = (normal(3, 4, 4, 2) for _ in range(5))
    tau, scale = torch.tensor([0.1, 0.5, 0.97]).float().double(), 2.5
    golden.put_all("in", {"x": x, "real": real, "empty": empty, "fake": fake, "xTau": x_tau, "tau": tau})
    guided = empty + scale * (real - empty)  # Eq 4
    golden.put("guided", guided)
    golden.put("dm", real - fake)
    golden.put("ca", (guided - fake) - (real - fake))  # Eq 3 and Eq 6
    for kind in ("per-sample", "time", "none"):
        golden.put(f"normalised.{kind}", normalised(real - fake, kind, x, real, tau))
    images = x.clone().requires_grad_()
    value = mean_variance(images, **TARGET)
    golden.put("meanVariance.value", value)
    golden.put("meanVariance.gradient", torch.autograd.grad(value, images)[0])
    delta = real - fake
    loss = 0.5 * ((images - (images + delta).detach()) ** 2).mean()
    golden.put("proxy.value", loss)
    golden.put("proxy.gradient", torch.autograd.grad(loss, images)[0])
    t = torch.linspace(0, 0.99, 12).float().double()
    _, c_skip, c_out, c_in = edm(t, t[:, None], DEVIATION)
    golden.put_all("preconditioning", {"t": t, "cSkip": c_skip / t.clamp(min=1e-9)[:, None], "cOut": c_out,
                                       "cIn": c_in / t.clamp(min=1e-9)[:, None]})  # fmt: skip
    shifts = torch.tensor([0.5, 1, 2, 3], dtype=torch.float64)
    golden.put("shift.shifts", shifts)
    golden.put("shift.values", torch.stack([shift_timestep(t, s) for s in shifts]))
    golden.put("shift.grids", torch.stack([grid(4, s) for s in shifts]))
    golden.save("terms")


def make_training():
    """AdamW with a clip and an average, against torch's own; gradients of step 2 are large enough to be clipped."""
    config = {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.1, "clipNorm": 1.0}
    rates, decay = [1e-2, 3e-2, 2e-2, 1e-2, 5e-3], 0.8
    golden = Golden(adam=config, rates=rates, decay=decay)
    weights = {"a": normal(3, 4), "b": normal(5)}
    parameters = {name: torch.nn.Parameter(w.clone()) for name, w in weights.items()}
    averages = {name: w.clone() for name, w in weights.items()}
    golden.put_all("start", weights)
    optimizer = torch.optim.AdamW(
        parameters.values(), lr=1, betas=(config["beta1"], config["beta2"]), eps=1e-8, weight_decay=0.1
    )
    for step, rate in enumerate(rates):
        optimizer.param_groups[0]["lr"] = rate
        for name, p in parameters.items():
            p.grad = normal(*p.shape, scale=5.0 if step == 2 else 0.1)
            golden.put(f"{step}.gradient.{name}", p.grad)
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), config["clipNorm"])
        golden.put(f"{step}.norm", norm)
        optimizer.step()
        for name, p in parameters.items():
            averages[name] = decay * averages[name] + (1 - decay) * p.detach()
            golden.put(f"{step}.weight.{name}", p)
            golden.put(f"{step}.ema.{name}", averages[name])
    golden.save("training")


TRAINED = {
    "hybrid": recipe(),
    "shared": recipe(renoising={"schedule": "coupled-shared", "shift": 3, "normalizer": "time"}),
    "constrained": recipe(renoising={"schedule": "decoupled-constrained", "shift": 2}, student={"steps": 4}),
}


def make_trainer(name, recipes, heads=None):
    """Five whole iterations on the MLP: the student, its average and the critics after them."""
    case = Case("mlp")
    golden, teacher = case.golden(recipes=recipes, iterations=5), case.net()
    golden.put_all("teacher", dict(teacher.named_parameters()))
    if heads:
        golden.put_all("heads", dict(heads.named_parameters()))

    def condition_of(draw):
        return {"classes": (draw + torch.arange(4)) % 3}

    for recipe_name, settings in recipes.items():
        trainer = Trainer(teacher, settings, TARGET, condition_of, case.empty, DEVIATION, case.shape, heads)
        metrics = [trainer.iterate(i) for i in range(5)]
        student, _, fake = trainer.roles
        for role, net in (("student", student), ("average", trainer.average), ("fake", fake)):
            golden.put_all(f"{recipe_name}.{role}", dict(net.named_parameters()))
        if trainer.heads:
            golden.put_all(f"{recipe_name}.discriminator", dict(trainer.heads.named_parameters()))
        for metric in metrics[0]:
            golden.put(f"{recipe_name}.metric.{metric}", torch.stack([m[metric].detach() for m in metrics]))
    golden.save(name)


TRAJECTORIES = {
    "consistency": {**recipe(), "method": "consistency",
        "consistency": {"levels": 6, "skip": 2, "solver": "heun", "distance": "pseudo-huber"}},
    "euler": {**recipe(), "method": "consistency",
        "consistency": {"levels": 5, "skip": 1, "solver": "euler", "distance": "squared"}},
    "progressive": {**recipe(student={"steps": 2, "shift": 2, "emaDecay": 0.5}), "method": "progressive",
        "progressive": {"stages": 2}},
}  # fmt: skip


def make_trajectories(case):
    """The losses and their gradients, and on the MLP whole trainings, with a change of stage."""
    golden, teacher = case.golden(recipes=TRAJECTORIES, iterations=6), case.net()
    student, average = case.near(teacher, 0.1), case.near(teacher, 0.05)
    for name, net in (("student", student), ("average", average), ("teacher", teacher)):
        golden.put_all(f"weights.{name}", dict(net.named_parameters()))
    x1, noise, scale = normal(*case.shape, scale=DEVIATION), normal(*case.shape), torch.full((4,), 3.0).double()
    times = [torch.tensor(t).float().double() for t in
             ([0.0, 0.2, 0.5, 0.75], [0.1, 0.3, 0.6, 0.875], [0.25, 0.4, 0.75, 1.0])]  # fmt: skip
    golden.put_all("in", {"x1": x1, "noise": noise, "t": times[0], "by": times[1], "to": times[2], **case.condition})
    for solver in ("euler", "heun"):
        for distance in ("pseudo-huber", "squared"):
            loss = consistency_loss(student, average, teacher, x1, noise, times[0], times[1], case.condition, case.empty,
                                    scale, DEVIATION, {"solver": solver, "distance": distance})  # fmt: skip
            golden.put(f"consistency.{solver}.{distance}.loss", loss)
            golden.put_gradients(f"consistency.{solver}.{distance}.gradient", student, loss)
    for name, alpha in (("guided", scale), ("plain", None)):
        z = renoise(x1, noise, times[0])
        target = progressive_target(teacher, z, times, case.condition, case.empty, alpha, DEVIATION)
        golden.put(f"progressive.{name}.target", target)
        loss = progressive_loss(student, teacher, x1, noise, times, case.condition, case.empty, alpha, DEVIATION)
        golden.put(f"progressive.{name}.loss", loss)
        golden.put_gradients(f"progressive.{name}.gradient", student, loss)
    for name, settings in TRAJECTORIES.items() if case.family == "mlp" else ():
        trainer, losses = Trajectories(teacher, settings, case.empty, DEVIATION, 6), []
        for i in range(6):
            of = {"seed": settings["seed"], "step": i}
            x1 = torch.tensor(philox.normal(8, purpose="data", **of)).view(case.shape)
            noise = torch.tensor(philox.normal(8, purpose="noise", **of)).view(case.shape)
            condition = {"classes": (i + torch.arange(4)) % 3}
            uniforms = torch.tensor(philox.uniform(4, purpose="timestep", **of))
            losses.append(trainer.iterate(i, x1, noise, condition, uniforms))
        golden.put(f"{name}.losses", torch.stack(losses))
        golden.put_all(f"{name}.student", dict(trainer.student.named_parameters()))
        golden.put_all(f"{name}.average", dict(trainer.average.named_parameters()))
    golden.save(f"trajectories-{case.family}")


def make_random():
    """TensorFlow's stateless streams under the seeds that name our draws."""
    keys = [
        {"seed": 0, "purpose": "noise", "step": 0, "index": 0},
        {"seed": 1, "purpose": "renoiseCA", "step": 123456, "index": 1},
        {"seed": 0x7FFFFFFF, "purpose": "dataOrder", "step": 2**31 + 7, "index": 3},
    ]
    golden = Golden(keys=keys, seeds=[philox.seeds(**key) for key in keys])
    for i, key in enumerate(keys):
        seed = tf.constant(philox.seeds(**key), tf.int32)
        drawn = tf.raw_ops.StatelessRandomNormal(shape=[257], seed=seed).numpy()
        golden.put(f"{i}.normal", drawn)
        golden.put(f"{i}.uniform", tf.raw_ops.StatelessRandomUniform(shape=[257], seed=seed).numpy())
        assert np.abs(drawn - philox.normal(257, **key)).max() < 1e-5
    normals = torch.tensor(philox.normal(64, seed=3, purpose="timestep", step=9))
    golden.put("logitNormal", torch.sigmoid(-0.3 + 1.2 * normals))
    golden.save("random")


def random_heads(case):
    layers, width = (MLP if case.family == "mlp" else DIT)["layers"], 16
    heads = Heads(len(feature_layers(layers)), width).double()
    with torch.no_grad():
        for p in heads.parameters():
            p.copy_(normal(*p.shape, scale=0.5 if p.dim() == 1 else p.shape[-1] ** -0.5))
    return heads


def make_gan(case):
    """Logits, both losses with all their gradients, and the approximated R1."""
    generator.manual_seed(20251123)
    golden, net = case.golden(penalty=0.7), case.near(case.net(), 0.05)
    heads = random_heads(case)
    samples, noises = [normal(*case.shape) for _ in range(2)], [normal(*case.shape) for _ in range(2)]
    taus, direction = [uniform(4, 0, 0.9) for _ in range(2)], normal(*case.shape)
    golden.put_all("weights.backbone", dict(net.named_parameters()))
    golden.put_all("weights.heads", dict(heads.named_parameters()))
    names = {"real": samples[0], "generated": samples[1], "noiseReal": noises[0], "noiseGenerated": noises[1],
             "tauReal": taus[0], "tauGenerated": taus[1], "direction": direction}  # fmt: skip
    golden.put_all("in", {**names, **case.condition})
    golden.put("logits", logits(net, heads, samples[0], taus[0], case.condition, DEVIATION))
    x = samples[1].clone().requires_grad_()
    loss = generator_loss(net, heads, x, noises[1], taus[1], case.condition, DEVIATION)
    golden.put("generator.loss", loss)
    golden.put("generator.gradient", torch.autograd.grad(loss, x)[0])
    real, generated = ((s, n, tau, case.condition) for s, n, tau in zip(samples, noises, taus))
    loss, r1 = discriminator_loss(net, heads, real, generated, (0.7, direction), DEVIATION)
    golden.put("discriminator.loss", loss)
    golden.put("discriminator.r1", r1)
    golden.put_gradients("discriminator.gradient.heads", heads, loss)
    loss, _ = discriminator_loss(net, heads, real, generated, (0.7, direction), DEVIATION)
    golden.put_gradients("discriminator.gradient.backbone", net, loss)
    golden.save(f"gan-{case.family}")


GAN = {"weight": 0.4, "discriminatorWeight": 0.6, "learningRate": 4e-3, "r1": 0.5, "rangeMin": 0.05, "rangeMax": 0.9}
GAN_RECIPES = {
    "dmd2": {**recipe(renoising={"schedule": "coupled-shared"}), "gan": GAN},
    "d-dmd": {**recipe(cfgAugmentation={"weight": 0.7}), "gan": GAN},
    "ca-gan": {**recipe(distributionMatching={"weight": 0}), "gan": GAN},
}  # fmt: skip


def make_dmd2(case):
    """DMD2's whole update: the student's gradients, and those of fake score and discriminator from their joint loss."""
    generator.manual_seed(20251124)
    golden, teacher = case.golden(recipes=GAN_RECIPES), case.net()
    roles, heads = (case.near(teacher, 0.1), teacher, case.near(teacher, 0.05)), random_heads(case)
    for name, net in zip(("student", "teacher", "fake", "heads"), (*roles, heads)):
        golden.put_all(f"weights.{name}", dict(net.named_parameters()))
    taus = {f"tau{of}": uniform(4, 0.05, 0.9) for of in ("DM", "CA", "Gan", "Real", "Generated", "")}
    noises = {f"noise{of}": normal(*case.shape) for of in ("DM", "CA", "Gan", "Real", "Generated", "")}
    draws = {"z": normal(*case.shape), "t": torch.full((4,), 0.3).double(), **taus, **noises,
             "real": normal(*case.shape, scale=DEVIATION), "direction": normal(*case.shape)}  # fmt: skip
    golden.put_all("in", {**draws, **case.condition})
    draws.update(condition=case.condition, realCondition=case.condition)
    for name, settings in GAN_RECIPES.items():
        used = dict(draws)
        if settings["renoising"]["schedule"] == "coupled-shared":
            used["tauCA"], used["noiseCA"] = used["tauDM"], used["noiseDM"]
        loss, metrics = student_gan_loss(roles, heads, settings, TARGET, used, case.empty, DEVIATION)
        golden.put_gradients(f"{name}.student.gradient", roles[0], loss)
        golden.put_all(f"{name}.student.metric", metrics)
        for net, part in ((heads, "discriminator"), (roles[2], "fake")):
            loss, metrics = critic_loss(roles, heads, settings, used, DEVIATION)
            golden.put_gradients(f"{name}.critics.gradient.{part}", net, loss)
        golden.put(f"{name}.critics.loss", loss)
        golden.put_all(f"{name}.critics.metric", metrics)
    golden.save(f"dmd2-{case.family}")


def phased_recipe(experts, **changes):
    whole = {"training": {"batch": 4, "iterations": 6}, **changes}
    return {**recipe(**whole), "method": "phased", "phased": {"phases": 2, "experts": experts}}


PHASED = {
    "each": phased_recipe("each", student={"steps": 3}, renoising={"schedule": "coupled-shared"}),
    "one": phased_recipe("one", student={"steps": 4}, renoising={"normalizer": "time"}),
}  # fmt: skip


def make_phased(case):
    """One phase's target, loss and gradients; on the MLP whole trainings through both phases."""
    generator.manual_seed(20251127)
    golden, teacher = case.golden(recipes=PHASED, iterations=6), case.net()
    roles = case.near(teacher, 0.1), teacher, case.near(teacher, 0.05)
    for name, net in zip(("student", "teacher", "fake"), roles):
        golden.put_all(f"weights.{name}", dict(net.named_parameters()))
    t, end, condition = torch.full((4,), 0.2).double(), torch.full((4,), 0.6).double(), case.condition
    t, end = t.float().double(), end.float().double()
    draws = {"z": normal(*case.shape), "t": t, "end": end,
             "tauDM": uniform(4, 0, 0.6), "noiseDM": normal(*case.shape),
             "tauCA": uniform(4, 0.2, 0.6), "noiseCA": normal(*case.shape)}  # fmt: skip
    golden.put_all("in", {**draws, **condition})
    loss = phased.student_loss(roles, recipe(), {**draws, "condition": condition}, case.empty, DEVIATION)
    golden.put("student.loss", loss)
    golden.put_gradients("student.gradient", roles[0], loss)
    x_s, noise, tau = draws["z"], draws["noiseDM"], draws["tauDM"]
    for name, e in (("inner", end), ("last", torch.ones(4).double())):
        x_t = phased.renoised(x_s, noise, 1 - e, 1 - tau)
        golden.put(f"{name}.renoised", x_t)
        target = x_t - (1 - tau).view(-1, *[1] * (x_s.dim() - 1)) * phased.velocity_target(x_s, noise, 1 - e, 1 - tau)
        golden.put(f"{name}.target", target)
        loss = phased.fake_loss(roles[2], x_s, noise, 1 - e, 1 - tau, condition, DEVIATION)
        golden.put(f"{name}.loss", loss)
        golden.put_gradients(f"{name}.gradient", roles[2], loss)

    def condition_of(draw):
        return {"classes": (draw + torch.arange(4)) % 3}

    for name, settings in PHASED.items() if case.family == "mlp" else ():
        trainer = Phased(teacher, settings, TARGET, condition_of, case.empty, DEVIATION, case.shape, 6)
        metrics = [trainer.iterate(i) for i in range(6)]
        nets = {"student": trainer.roles[0], "average": trainer.average, "fake": trainer.roles[2]}
        for role, net in {**nets, "first": trainer.experts[0]}.items():
            golden.put_all(f"{name}.{role}", dict(net.named_parameters()))
        for metric in metrics[0]:
            golden.put(f"{name}.metric.{metric}", torch.stack([m[metric] for m in metrics]))
    golden.save(f"phased-{case.family}")


def make_warmup_trainer():
    """DMDR's draws over three iterations, then the schedule's own."""
    generator.manual_seed(20251126)
    make_trainer("trainer-warmup", {"warmup": recipe(renoising={"warmup": 3, "shift": 1.5})})


def make_gan_trainer():
    generator.manual_seed(20251125)
    make_trainer("trainer-gan", GAN_RECIPES, random_heads(Case("mlp")))


for family in ("mlp", "dit"):
    make_model(Case(family))
    make_flow(Case(family))
    make_distillation(Case(family))
make_terms()
make_training()
make_trainer("trainer", TRAINED)
make_random()
for family in ("mlp", "dit"):
    make_trajectories(Case(family))
for family in ("mlp", "dit"):
    make_gan(Case(family))
    make_dmd2(Case(family))
make_gan_trainer()
make_warmup_trainer()
for family in ("mlp", "dit"):
    make_phased(Case(family))
