// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Microphone, camera and screen, with one kind of trouble for each thing that people can mend.

export type MediaTrouble = 'no-microphone' | 'no-camera' | 'denied' | 'in-use' | 'insecure' | 'cancelled';

export class MediaError extends Error {
  constructor(readonly kind: MediaTrouble) {
    super(kind);
  }
}

export interface Wish {
  readonly video: boolean;
  readonly microphone: string;
  readonly camera: string;
}

export interface Opened {
  readonly stream: MediaStream;
  /** Why there is no picture although one was wanted. */
  readonly without: MediaTrouble | null;
}

const PICTURE: MediaTrackConstraints = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

/** A microphone, and a camera if wanted and possible; raises MediaError without a microphone. */
export async function open(wish: Wish): Promise<Opened> {
  if (!navigator.mediaDevices) throw new MediaError('insecure');
  const audio = device(wish.microphone, { echoCancellation: true, noiseSuppression: true, autoGainControl: true });
  if (wish.video) {
    try {
      const stream = await get({ audio, video: device(wish.camera, PICTURE) });
      return { stream, without: null };
    } catch (error) {
      const kind = trouble(error, 'no-camera');
      // Whoever refused the camera may still talk.
      const stream = await microphone(audio);
      return { stream, without: kind };
    }
  }
  return { stream: await microphone(audio), without: null };
}

async function microphone(audio: MediaTrackConstraints): Promise<MediaStream> {
  try {
    return await get({ audio });
  } catch (error) {
    throw new MediaError(trouble(error, 'no-microphone'));
  }
}

export async function camera(id: string): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices) throw new MediaError('insecure');
  try {
    const stream = await get({ video: device(id, PICTURE) });
    return stream.getVideoTracks()[0] as MediaStreamTrack;
  } catch (error) {
    throw new MediaError(trouble(error, 'no-camera'));
  }
}

export async function screen(): Promise<MediaStreamTrack> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: false });
    const track = stream.getVideoTracks()[0] as MediaStreamTrack;
    track.contentHint = 'detail';
    return track;
  } catch (error) {
    // Closing the browser's own question is how people change their mind.
    throw new MediaError(trouble(error, 'cancelled') === 'denied' ? 'cancelled' : trouble(error, 'cancelled'));
  }
}

export function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// `ideal` would do for a device that may be gone, but browsers may then offer, or take, any other that is there.
function device(id: string, more: MediaTrackConstraints): MediaTrackConstraints {
  return id ? { ...more, deviceId: { exact: id } } : more;
}

/** The chosen devices, or whatever the system has if one of them is gone. */
async function get(wanted: Readonly<Record<string, MediaTrackConstraints>>): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    if ((error as { name?: unknown }).name !== 'OverconstrainedError') throw error;
    console.info('a chosen device is gone');
    const any = Object.entries(wanted).map(([kind, { deviceId: _, ...more }]) => [kind, more]);
    return navigator.mediaDevices.getUserMedia(Object.fromEntries(any) as MediaStreamConstraints);
  }
}

/** getUserMedia's exceptions (W3C mediacapture-streams section 10.2). */
export function trouble(error: unknown, missing: MediaTrouble): MediaTrouble {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'NotAllowedError': return 'denied';
    case 'SecurityError': return 'insecure';
    case 'NotReadableError': case 'AbortError': return 'in-use';
    default: return missing;
  }
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

/** The devices of a kind; their labels are there once the person has permitted one. */
export async function devices(kind: MediaDeviceKind): Promise<Device[]> {
  const found = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return found
    .filter((one) => one.kind === kind && one.deviceId && one.deviceId !== 'default')
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** Calls `tell` with the loudness (0 to 1) of a stream, ten times a second; returns the means to end it. */
export function listen(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    tell(loudness(samples));
  }, 100);
  return () => {
    window.clearInterval(timer);
    void context.close();
  };
}

/** Root mean square, from -60 dB to 0 dB as 0 to 1. */
export function loudness(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let n = 0; n < samples.length; n += 1) sum += (samples[n] ?? 0) ** 2;
  const decibels = 10 * Math.log10(sum / samples.length || 1e-12);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
