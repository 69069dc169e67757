"""Decoupled DMD (arXiv 2511.22677) in torch, the proxy loss taken literally: autograd through ‖x − stop(x + Δ)‖²."""

import math

import torch
from flow import along, flow_matching_loss, predict_x1, renoise

FLOOR = 1e-3


def normalised(delta, kind, x, real, tau):
    if kind == "per-sample":
        distance = (x - real).abs().flatten(1).mean(dim=1)
        return delta / along(distance.clamp(min=FLOOR), x)
    if kind == "time":
        return delta / along((1 - tau).clamp(min=FLOOR), x)
    return delta


def mean_variance(x, mean, variance):
    """Eq 7: the mean over the batch of KL(N(μ_i, σ_i²) ‖ N(μ_t, σ_t²))."""
    images = [
        torch.distributions.Normal(image.mean(), image.var(unbiased=False).sqrt()) for image in x.flatten(1)
    ]
    target = torch.distributions.Normal(torch.tensor(mean).to(x), torch.tensor(math.sqrt(variance)).to(x))
    return torch.stack([torch.distributions.kl_divergence(image, target) for image in images]).mean()


def rms(x):
    return x.pow(2).mean().sqrt()


def student_loss(roles, recipe, target, draws, empty, deviation):
    """Algorithm 1, steps 2 to 5: the loss to differentiate by the student's parameters, and the metrics."""
    student, teacher, fake = roles
    condition = draws["condition"]
    weights = {term: recipe[term]["weight"] for term in ("distributionMatching", "cfgAugmentation", "meanVariance")}
    normalizer = recipe["renoising"]["normalizer"]
    x = predict_x1(student, draws["z"], draws["t"], condition, deviation)
    metrics = {
        "x_mean": x.mean(),
        "x_std": x.std(unbiased=False),
        "out_of_range": ((x < -1) | (x > 1)).double().mean(),
    }
    delta = torch.zeros_like(x)
    with torch.no_grad():
        if weights["distributionMatching"] > 0:
            tau = draws["tauDM"]
            x_tau = renoise(x, draws["noiseDM"], tau)
            real = predict_x1(teacher, x_tau, tau, condition, deviation)
            dm = real - predict_x1(fake, x_tau, tau, condition, deviation)
            delta += weights["distributionMatching"] * normalised(dm, normalizer, x, real, tau)
            v_real = (real - x_tau) / (1 - along(tau, x))
            v_fake = (real - dm - x_tau) / (1 - along(tau, x))
            metrics["dm_rms"] = rms(dm)
            metrics["dm_rel_gap"] = rms(v_real - v_fake) / rms(v_real)
            metrics["dm_cos"] = torch.nn.functional.cosine_similarity(v_real.flatten(), v_fake.flatten(), dim=0)
        if weights["cfgAugmentation"] > 0:
            tau = draws["tauCA"]
            x_tau = renoise(x, draws["noiseCA"], tau)
            real = predict_x1(teacher, x_tau, tau, condition, deviation)
            ca = (recipe["guidance"]["scale"] - 1) * (real - predict_x1(teacher, x_tau, tau, empty, deviation))
            delta += weights["cfgAugmentation"] * normalised(ca, normalizer, x, real, tau)
            metrics["ca_rms"] = rms(ca)
        if "dm_rms" in metrics and "ca_rms" in metrics:
            metrics["dm_to_ca"] = metrics["dm_rms"] / metrics["ca_rms"]
    loss = 0.5 * ((x - (x + delta).detach()) ** 2).mean()
    metrics["loss"] = loss.detach()
    if weights["meanVariance"] > 0:
        regularizer = weights["meanVariance"] * mean_variance(x, **target)
        metrics["mean_variance"] = regularizer.detach()
        loss = loss + regularizer
    return loss, metrics


def fake_loss(roles, z, t, condition, noise, tau, deviation):
    """Algorithm 1, step 6."""
    student, _, fake = roles
    with torch.no_grad():
        generated = predict_x1(student, z, t, condition, deviation)
    return flow_matching_loss(fake, generated, noise, tau, condition, deviation)
