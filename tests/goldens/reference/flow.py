"""Flow matching in torch: t = 0 is noise, t = 1 is data, x_t = t·x1 + (1 − t)·noise."""

import torch


def along(t, x):
    return t.view(-1, *[1] * (x.dim() - 1))


def renoise(x1, noise, t):
    return torch.lerp(noise, x1, along(t, x1).to(x1.dtype))


def edm(t, x, deviation):
    """Karras et al. 2022, Table 1, for x_t/t = x1 + s·noise with s = (1 − t)/t; t = 0 by its limit."""
    t = along(t, x).clamp(min=1e-9)
    s = (1 - t) / t
    total = (s**2 + deviation**2).sqrt()
    return t, deviation**2 / total**2, s * deviation / total, 1 / total


def predict_x1(net, x_t, t, condition, deviation):
    scale, c_skip, c_out, c_in = edm(t, x_t, deviation)
    scaled = x_t / scale
    return c_skip * scaled + c_out * net(c_in * scaled, t, condition)


def flow_matching_loss(net, x1, noise, t, condition, deviation):
    """The error of the x1-prediction over c_out²."""
    x_t = renoise(x1, noise, t)
    _, _, c_out, _ = edm(t, x_t, deviation)
    return ((predict_x1(net, x_t, t, condition, deviation) - x1) ** 2 / c_out**2).mean()


def shift_timestep(t, shift):
    """Esser et al. 2024, Eq 23, in the noise level 1 − t."""
    noise_level = 1 - t
    return 1 - shift * noise_level / (1 + (shift - 1) * noise_level)


def grid(steps, shift):
    return shift_timestep(torch.arange(steps, dtype=torch.float64) / steps, shift)


def velocity(net, x_t, t, condition, empty, scale, deviation):
    """dx/dt towards the data, guided in velocities (Eq 4) where there is a scale."""

    def of(c):
        return (predict_x1(net, x_t, t, c, deviation) - x_t) / (1 - along(t, x_t))

    v = of(condition)
    if scale is None:
        return v
    v_empty = of(empty)
    return v_empty + along(scale, x_t) * (v - v_empty)


def integrate(net, x, times, condition, empty, scale, deviation, second_order):
    """Euler, or Heun with a last Euler step; times run from 0 to 1."""
    states = []
    for start, end in zip(times[:-1], times[1:]):
        t, u = (torch.full((len(x),), float(v), dtype=x.dtype) for v in (start, end))
        v = velocity(net, x, t, condition, empty, scale, deviation)
        euler = x + (end - start) * v
        if second_order and end < 1:
            v2 = velocity(net, euler, u, condition, empty, scale, deviation)
            x = x + (end - start) * (v + v2) / 2
        else:
            x = euler
        states.append(x)
    return states


def few_step_inputs(net, z, times, noises, condition, deviation):
    """z at each of the student's times, and then the sample: predict x1, re-noise it to the next time."""
    states = [z]
    for k, start in enumerate(times):
        t = torch.full((len(z),), float(start), dtype=z.dtype)
        x1 = predict_x1(net, states[-1], t, condition, deviation)
        if k + 1 == len(times):
            return states, x1
        states.append(renoise(x1, noises[k], torch.full_like(t, float(times[k + 1]))))
