"""The worker that runs the same workloads in PyTorch, eagerly or (with --compiled) under torch.compile. It speaks the
protocol of tests/bench/protocol.ts: a line of JSON asks, a line answers."""

import json
import os
import resource
import sys
import time

STARTED = time.perf_counter()
# Whatever else prints goes to standard error.
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

import torch
from iteration import Distillation, RandomDraws, Teacher
from models import create_network, random_condition, sample_shape
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

COMPILED = "--compiled" in sys.argv
DEVIATION = 0.5
MATMUL_SIZE, MATMUL_COUNT = 1024, 8


def resident_bytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def count_parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


class Workload:
    def __init__(self, workload):
        config, recipe = workload["network"], workload["recipe"]
        self.draws = RandomDraws(config, workload["batch"])
        network = create_network(config)
        self.parameters = count_parameters(network)
        options = {"compiled": COMPILED, "precision": workload["precision"]}
        if workload["kind"] == "teacher":
            self.training = Teacher(network, recipe, self.draws, DEVIATION, **options)
        else:
            self.training = Distillation(network, config, recipe, self.draws, DEVIATION, **options)

    def run(self, iterations):
        started = time.perf_counter()
        for iteration in iterations:
            number, simulated = iteration["number"], iteration["simulated"]
            self.draws.indices = {number * len(simulated) + k: index for k, index in enumerate(simulated)}
            self.training.iterate(number)
        return time.perf_counter() - started


workloads = {}


def prepare(id, variant, iterations):
    before, started = resident_bytes(), time.perf_counter()
    workloads[id] = workload = Workload(variant["workload"])
    workload.run(iterations[:1])
    ended = time.perf_counter()
    workload.run(iterations[1:])
    return {
        "firstIterationSeconds": ended - started,
        "sinceStartSeconds": ended - STARTED,
        "residentBytes": resident_bytes() - before,
        "parameters": workload.parameters,
    }


def run(id, iterations):
    return {"seconds": workloads[id].run(iterations)}


def matmul(precision):
    matrix = torch.randn(MATMUL_SIZE, MATMUL_SIZE).to(getattr(torch, precision))
    torch.mm(matrix, matrix)
    started = time.perf_counter()
    for _ in range(MATMUL_COUNT):
        torch.mm(matrix, matrix)
    seconds = time.perf_counter() - started
    return {"gigaflops": 2 * MATMUL_COUNT * MATMUL_SIZE**3 / seconds / 1e9}


def flops(network):
    """Of one sample, with attention written out, since the fused kernel's own recomputation is its own affair."""
    net, batch = create_network(network), 2
    x, t, condition = torch.randn(batch, *sample_shape(network)), torch.rand(batch), random_condition(network, batch)
    with sdpa_kernel(SDPBackend.MATH):
        with FlopCounterMode(display=False) as forward:
            output = net(x, t, condition)
        with FlopCounterMode(display=False) as backward:
            output.square().sum().backward()
    return {
        "forward": forward.get_total_flops() / batch,
        "backward": backward.get_total_flops() / batch,
        "parameters": count_parameters(net),
    }


def memory():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"residentBytes": resident_bytes(), "peakResidentBytes": peak}


COMMANDS = {command.__name__: command for command in (prepare, run, matmul, flops, memory)}


def say(line):
    answers.write(json.dumps(line) + "\n")


def main():
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.manual_seed(1)
    say(
        {
            "device": torch.backends.cpu.get_cpu_capability(),
            "version": f"PyTorch {torch.__version__}",
            "threads": torch.get_num_threads(),
            "activationSeconds": time.perf_counter() - STARTED,
        }
    )
    for line in sys.stdin:
        ask = json.loads(line)
        say(COMMANDS[ask.pop("command")](**ask))


if __name__ == "__main__":
    main()
