// SPDX-FileCopyrightText: 2026 The falcot-rtc developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What getStats (W3C webrtc-stats) says of a connection, as people understand it.

export type Grade = 'good' | 'fair' | 'poor' | 'none';

export interface Quality {
  readonly grade: Grade;
  /** Share of packets that were lost since the last look. */
  readonly loss: number;
  readonly jitterMs: number;
  readonly roundTripMs: number;
  readonly kbitIn: number;
  readonly kbitOut: number;
  readonly relayed: boolean;
  readonly way: string;
  readonly picture: string;
}

interface Row {
  readonly id: string;
  readonly type: string;
  readonly timestamp: number;
  readonly [name: string]: unknown;
}

/** The sums of one look, to be compared with the next. */
export interface Sums {
  readonly at: number;
  readonly received: number;
  readonly lost: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly frames: number;
}

const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

export function look(report: Iterable<Row>, before: Sums | null): { quality: Quality; sums: Sums } {
  const rows = [...report];
  const byId = new Map(rows.map((row) => [row.id, row]));
  const inbound = rows.filter((row) => row.type === 'inbound-rtp');
  const outbound = rows.filter((row) => row.type === 'outbound-rtp');
  const transport = rows.find((row) => row.type === 'transport' && row.selectedCandidatePairId);
  const pair = byId.get(String(transport?.selectedCandidatePairId ?? ''))
    ?? rows.find((row) => row.type === 'candidate-pair' && row.nominated === true && row.state === 'succeeded');
  const local = byId.get(String(pair?.localCandidateId ?? ''));
  const video = inbound.find((row) => row.kind === 'video' && number(row.frameWidth));
  const sum = (all: Row[], name: string) => all.reduce((total, row) => total + number(row[name]), 0);

  const sums: Sums = {
    at: Math.max(0, ...rows.map((row) => row.timestamp)),
    received: sum(inbound, 'packetsReceived'),
    lost: sum(inbound, 'packetsLost'),
    bytesIn: sum(inbound, 'bytesReceived'),
    bytesOut: sum(outbound, 'bytesSent'),
    frames: sum(inbound, 'framesDecoded'),
  };
  const since = before ?? { ...sums, received: 0, lost: 0, bytesIn: sums.bytesIn, bytesOut: sums.bytesOut };
  const seconds = Math.max(0.001, (sums.at - since.at) / 1000);
  const [received, lost] = [sums.received - since.received, Math.max(0, sums.lost - since.lost)];
  const loss = received + lost > 0 ? lost / (received + lost) : 0;
  const jitterMs = Math.round(1000 * Math.max(0, ...inbound.map((row) => number(row.jitter))));
  const roundTripMs = Math.round(1000 * number(pair?.currentRoundTripTime));
  const relayed = local?.candidateType === 'relay';
  return {
    sums,
    quality: {
      grade: grade(received, loss, jitterMs, roundTripMs),
      loss,
      jitterMs,
      roundTripMs,
      kbitIn: Math.round((8 * (sums.bytesIn - since.bytesIn)) / 1000 / seconds),
      kbitOut: Math.round((8 * (sums.bytesOut - since.bytesOut)) / 1000 / seconds),
      relayed,
      way: relayed ? `TURN/${String(local?.relayProtocol ?? '').toUpperCase()}` : String(local?.protocol ?? '').toUpperCase(),
      picture: video ? `${number(video.frameWidth)}×${number(video.frameHeight)}` : '',
    },
  };
}

// ITU-T G.114 wants 150 ms one way; speech with Opus suffers audibly beyond some 5 % loss.
function grade(received: number, loss: number, jitterMs: number, roundTripMs: number): Grade {
  if (received <= 0) return 'none';
  if (loss > 0.08 || jitterMs > 100 || roundTripMs > 600) return 'poor';
  if (loss > 0.02 || jitterMs > 40 || roundTripMs > 300) return 'fair';
  return 'good';
}
