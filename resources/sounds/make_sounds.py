"""Makes the sounds in this folder and manifest.csv, from nothing but numbers.

    python resources/sounds/make_sounds.py [FOLDER]

Needs numpy, and soundfile or ffmpeg to write FLAC. The seed is fixed: the samples are always the same.
"""
import subprocess
import sys
from pathlib import Path

import numpy as np

RATE = 32000
TAU = 2 * np.pi


def seconds(t):
    return int(round(t * RATE))


def times(t):
    return np.arange(seconds(t)) / RATE


def band(rng, n, shape):
    """Noise of n samples whose spectrum is shape(frequencies in Hz)."""
    size = 1 << int(np.ceil(np.log2(n + 1024)))
    spectrum = np.fft.rfft(rng.standard_normal(size)) * shape(np.fft.rfftfreq(size, 1 / RATE))
    out = np.fft.irfft(spectrum)[:n]
    return out / (np.std(out) + 1e-12)


def filtered(x, shape):
    size = 1 << int(np.ceil(np.log2(len(x) + 4096)))
    return np.fft.irfft(np.fft.rfft(x, size) * shape(np.fft.rfftfreq(size, 1 / RATE)), size)[: len(x)]


def hump(centre, width):
    """A bell over the logarithm of frequency, `width` in octaves."""
    return lambda f: np.exp(-0.5 * (np.log2(np.maximum(f, 1.0) / centre) / width) ** 2)


def slow(rng, n, rate):
    """A smooth random curve between about -1 and 1 that changes `rate` times a second."""
    points = rng.standard_normal(max(4, int(n / RATE * rate) + 4))
    return np.interp(np.arange(n), np.linspace(0, n, len(points)), points)


def room(rng, x, decay, amount, bright=4000.0):
    """A room: early echoes and a tail of noise that dies away in `decay` seconds (60 dB)."""
    n = seconds(decay)
    tail = band(rng, n, lambda f: 1 / (1 + (f / bright) ** 2)) * 10 ** (-3 * np.arange(n) / n)
    tail[: seconds(0.004)] = 0
    for at in (0.007, 0.011, 0.017, 0.023, 0.031):
        if seconds(at) < n:
            tail[seconds(at)] += rng.choice((-1, 1)) * 6 * 10 ** (-3 * at / decay)
    size = 1 << int(np.ceil(np.log2(len(x) + n)))
    wet = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x)]
    return x + amount * wet * np.std(x) / (np.std(wet) + 1e-12)


def add(track, sound, at):
    start = seconds(at)
    part = sound[: max(0, len(track) - start)]
    track[start:start + len(part)] += part


def modes(frequencies, decays, gains, length):
    """Struck matter: damped sines."""
    t = times(length)
    return sum(g * np.exp(-t / d) * np.sin(TAU * f * t) for f, d, g in zip(frequencies, decays, gains))


def alarm_clock(rng):
    """A quartz clock: groups of four beeps of a small buzzer."""
    track = np.zeros(seconds(4.0))
    t = times(0.075)
    edge = np.minimum(1, np.minimum(t, t[::-1]) / 0.003)
    tone = sum(a * np.sin(TAU * 2048 * k * t) for k, a in ((1, 1.0), (2, 0.12), (3, 0.45), (5, 0.2), (7, 0.06)))
    for group in range(5):
        for beep in range(4):
            add(track, edge * tone, 0.1 + group * 0.86 + beep * 0.125)
    return room(rng, track, 0.25, 0.12) + 0.004 * band(rng, len(track), lambda f: 1 / (1 + f / 300))


def rain(rng):
    """A bed of noise and thousands of drops, some of them near."""
    n = seconds(4.0)
    track = 0.5 * band(rng, n, lambda f: (f / (f + 400)) / (1 + (f / 6000) ** 1.2)) * (1 + 0.06 * slow(rng, n, 3))
    for _ in range(2600):
        f = rng.uniform(1200, 9000)
        length = rng.uniform(0.002, 0.012)
        t = times(length * 4)
        drop = np.exp(-t / length) * np.sin(TAU * f * t * (1 + rng.uniform(0, 0.3) * t / length) + rng.uniform(0, TAU))
        add(track, drop * rng.pareto(2.2) * 0.35, rng.uniform(0, 3.99))
    return track


def engine(rng):
    """A four-cylinder at idle, 38 bursts a second: uneven, through exhaust resonances, with valves rattling above."""
    n = seconds(4.0)
    pulses = np.zeros(n)
    at, k, rate = 0.0, 0, 38.0
    strength = (1.0, 0.8, 0.93, 0.72)
    while at < 3.99:
        length = seconds(0.42 / rate)
        burst = band(rng, length, hump(220, 1.5)) * np.exp(-np.arange(length) / seconds(0.004))
        thump = np.sin(np.pi * np.arange(length) / length) ** 2
        add(pulses, strength[k % 4] * (0.55 * burst + thump) * rng.normal(1, 0.07), at)
        at += 1 / rate * rng.normal(1, 0.012)
        k += 1
    low = filtered(pulses - pulses.mean(), lambda f: hump(2 * rate, 0.5)(f) + 0.9 * hump(4 * rate, 0.35)(f)
                   + 0.7 * hump(235, 0.4)(f) + 0.35 * hump(540, 0.6)(f) + 0.12 * hump(1500, 0.8)(f))
    low /= np.std(low)
    beat = np.convolve(np.abs(pulses), np.ones(200) / 200, "same")
    rattle = band(rng, n, hump(2600, 0.9)) * (0.5 + beat / beat.max())
    air = band(rng, n, lambda f: 1 / (1 + (f / 900) ** 1.4))
    return low + 0.2 * rattle + 0.03 * air


def knocking(rng):
    """Knuckles on a hollow wooden door, in a hall."""
    track = np.zeros(seconds(3.6))
    for at, force in ((0.25, 0.9), (0.47, 1.0), (0.69, 0.95), (1.75, 0.85), (1.96, 1.0), (2.17, 0.9), (2.38, 0.95)):
        bend = rng.normal(1, 0.02)
        body = modes(np.array((96, 168, 243, 331, 472, 655, 890, 1240)) * bend,
                     (0.055, 0.05, 0.04, 0.033, 0.024, 0.018, 0.012, 0.008),
                     rng.uniform(0.7, 1.2, 8) * (0.7, 1.0, 0.9, 0.7, 0.5, 0.35, 0.28, 0.2), 0.3)
        click = band(rng, seconds(0.3), hump(1500, 1.1)) * np.exp(-times(0.3) / 0.003)
        add(track, force * (body + 0.5 * click), at + rng.normal(0, 0.006))
    return room(rng, track, 0.45, 0.22, 2200) + 0.0015 * band(rng, len(track), lambda f: 1 / (1 + f / 200))


def chirp(rng, points, length, depth=0.0, speed=30.0):
    """A whistle along `points` (Hz), with an optional trill."""
    t = times(length)
    f = np.interp(t, np.linspace(0, length, len(points)), points) * (1 + depth * np.sin(TAU * speed * t))
    phase = TAU * np.cumsum(f) / RATE
    envelope = np.sin(np.pi * np.clip(t / length, 0, 1)) ** 0.7
    return envelope * (np.sin(phase) + 0.12 * np.sin(2 * phase) + 0.03 * rng.standard_normal(len(t)))


def birds(rng):
    """Three birds with phrases of their own, in a garden."""
    track = np.zeros(seconds(4.5))
    for start in (0.2, 1.55, 3.05):          # a tit: two notes, again and again
        for i in range(4):
            add(track, 0.8 * chirp(rng, (5200, 5900, 4800), 0.10), start + 0.26 * i)
            add(track, 0.6 * chirp(rng, (4100, 3800), 0.11), start + 0.12 + 0.26 * i)
    for start in (0.75, 2.35, 3.7):          # a finch: a falling trill
        for i in range(9):
            add(track, 0.45 * chirp(rng, (6800 - 260 * i, 5200 - 240 * i), 0.045), start + 0.06 * i)
    for start in rng.uniform(0, 4.2, 16):    # sparrows: short and sharp
        f = rng.uniform(3000, 4700)
        add(track, rng.uniform(0.2, 0.6) * chirp(rng, (f, f * 1.35, f * 0.9), rng.uniform(0.05, 0.09), 0.05, 45), start)
    return room(rng, track, 0.8, 0.25, 6000) + 0.012 * band(rng, len(track), lambda f: 1 / (1 + (f / 800)))


def siren(rng):
    """A wail: up and down between 600 and 1400 Hz, from a horn, in a street."""
    t = times(4.5)
    turn = 0.5 - 0.5 * np.cos(TAU * t / 2.25 + 0.3)
    phase = TAU * np.cumsum(600 + 800 * turn ** 0.9) / RATE
    tone = sum(np.sin(k * phase + 0.3 * k) / k ** 1.1 for k in (1, 2, 3, 4, 5, 6, 7))
    horn = filtered(tone, lambda f: 0.15 + hump(1300, 0.9)(f))
    swell = 0.75 + 0.25 * np.sin(TAU * t / 9)
    return room(rng, horn * swell, 1.1, 0.35, 3500) + 0.03 * band(rng, len(t), lambda f: 1 / (1 + (f / 250)))


def wind(rng):
    """Gusts: low rushing noise and a howl whose pitch follows them."""
    n = seconds(4.5)
    gust = np.exp(0.55 * slow(rng, n, 1.6))
    rush = band(rng, n, lambda f: (f / (f + 60)) / (1 + (f / 260) ** 1.7))
    mid = band(rng, n, hump(520, 0.7)) * gust ** 1.6
    track = 0.9 * rush * gust + 0.30 * mid
    size, step = 4096, 1024
    howl, window = np.zeros(n + size), np.hanning(size)
    for start in range(0, n, step):
        centre = 380 * gust[min(start, n - 1)] ** 0.5
        piece = band(rng, size, lambda f, c=centre: hump(c, 0.05)(f) + 0.4 * hump(c * 2.1, 0.05)(f))
        howl[start:start + size] += window * piece * gust[min(start, n - 1)] ** 1.5
    return track + 0.28 * howl[:n]


def church_bell(rng):
    """A bell of 440 Hz, struck three times: hum, prime, tierce, quint, nominal and above, and the tower around it."""
    track = np.zeros(seconds(5.0))
    ratios = np.array((0.5, 1.0, 1.19, 1.5, 2.0, 2.52, 2.67, 3.01, 4.02, 5.27, 6.6, 8.0, 9.5))
    decays = np.array((4.5, 2.8, 2.2, 1.5, 1.9, 0.9, 0.8, 0.9, 0.6, 0.35, 0.3, 0.25, 0.2))
    gains = np.array((0.5, 0.7, 0.75, 0.35, 1.0, 0.35, 0.3, 0.5, 0.5, 0.4, 0.35, 0.3, 0.25))
    for at in (0.05, 1.75, 3.45):
        strike = sum(modes(ratios * 440 * d, decays, gains * g, 4.9) for d, g in ((1.0, 1.0), (1.003, 0.6)))
        click = band(rng, seconds(4.9), hump(3500, 1.2)) * np.exp(-times(4.9) / 0.02)
        add(track, strike + 0.8 * click, at)
    return room(rng, track, 2.5, 0.3, 4500) + 0.01 * band(rng, len(track), lambda f: 1 / (1 + f / 300))


def footsteps(rng):
    """Shoes on a hard floor in a corridor: heel, then toe."""
    track = np.zeros(seconds(4.2))
    for i in range(7):
        at = 0.2 + 0.56 * i + rng.normal(0, 0.012)
        side = 1.0 if i % 2 else 1.08
        for delay, force in ((0.0, 1.0), (rng.uniform(0.075, 0.095), 0.45)):
            n = seconds(0.25)
            t = times(0.25)
            thud = modes(np.array((74, 132, 210, 340)) * side, (0.03, 0.022, 0.016, 0.01), (0.9, 0.7, 0.5, 0.4), 0.25)
            tap = band(rng, n, hump(1100 * side, 0.9)) * np.exp(-t / 0.009)
            snap = band(rng, n, hump(3600, 0.7)) * np.exp(-t / 0.003)
            add(track, force * rng.normal(1, 0.1) * (0.8 * thud + 0.55 * tap + 0.4 * snap), at + delay)
        scrape = band(rng, seconds(0.12), hump(4200, 0.8)) * np.hanning(seconds(0.12))
        add(track, 0.035 * scrape, at + 0.16)
    return room(rng, track, 0.7, 0.3, 3000) + 0.002 * band(rng, len(track), lambda f: 1 / (1 + f / 200))


def dial_tone(_):
    """What a telephone says when it is lifted, in most of Europe: 425 Hz, with the line's faint overtones."""
    t = times(3.0)
    tone = np.sin(TAU * 425 * t) + 0.025 * np.sin(TAU * 850 * t) + 0.05 * np.sin(TAU * 1275 * t)
    return np.minimum(1, t / 0.01) * tone


SOUNDS = (("alarm clock", alarm_clock), ("rain", rain), ("engine", engine), ("knocking on a door", knocking),
          ("birds chirping", birds), ("siren", siren), ("wind", wind), ("church bell", church_bell),
          ("footsteps", footsteps), ("dial tone", dial_tone))
PEAK = {"rain": 0.35, "wind": 0.5, "engine": 0.5}


def write_flac(file, samples):
    try:
        import soundfile
        soundfile.write(file, samples, RATE, subtype="PCM_16", format="FLAC")
    except ImportError:
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", "-",
                        "-compression_level", "12", str(file)], input=samples.tobytes(), check=True)


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    rows = ["file,label"]
    for i, (label, make) in enumerate(SOUNDS):
        track = make(np.random.default_rng(1000 + i))
        track = track - track.mean()
        fade = np.minimum(1, np.minimum(np.arange(len(track)), np.arange(len(track))[::-1]) / seconds(0.01))
        track = track * fade * PEAK.get(label, 0.7) / np.abs(track).max()
        name = label.replace(" ", "-") + ".flac"
        write_flac(folder / name, np.round(track * 32767).astype(np.int16))
        rows.append(f"{name},{label}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
