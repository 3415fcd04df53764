// An SAE in the hands of a program: its facts and parameters, from and to a folder of SAELens' files.
import { machine } from '#machine';
import type { SaeParams } from '../core/sae/sae';
import type { SaeFacts } from '../engine/sae/api';
import type { FilePlace } from '../engine/machine';
import { packSae } from '../engine/sae/saeFiles';
import type { StatisticsFile } from '../engine/statistics/needStatistics';
import { unzipFiles } from '../formats/archives/archive';
import { STATISTICS_FILE } from '../formats/sae/saeFolder';
import type { ModelFile } from '../engine/shared/api';
import type { Session } from '../engine/session';

/** A sparse autoencoder, folded: activations are in model units, decoder rows have norm 1. */
export class Sae {
  /** hook point, sizes, architecture, how it was trained as far as that is known */
  readonly facts: SaeFacts;
  /** W_enc [d_in, d_sae], b_enc [d_sae], W_dec [d_sae, d_in], b_dec [d_in], and its rule of activation */
  readonly params: SaeParams;
  /** where it was read from; null: it is not stored */
  readonly folder: FilePlace | null;

  constructor(facts: SaeFacts, params: SaeParams, folder: FilePlace | null = null) {
    this.facts = facts;
    this.params = params;
    this.folder = folder;
  }

  /** Reads a folder with cfg.json and sae_weights.safetensors (SAELens 6 and later; topk, standard, jumprelu, gated).
   *  Throws ConfigError naming a missing file, ProblemError where a file is broken or a shape is not as cfg.json says. */
  static async open(folder: FilePlace): Promise<Sae> {
    const session = await machine.openSession({ device: 'cpu' });
    const facts = await machine.openSae(session, folder);
    return new Sae(facts, await session.hosts.library.params(facts.saeId), folder);
  }

  /** What it is called: its folder's name, or a name made of hook point and recipe. */
  get name(): string {
    return this.folder === null ? this.facts.name : machine.nameOf(this.folder);
  }

  /** Writes cfg.json and sae_weights.safetensors into the folder, which is made where it is missing; files of those
   *  names are replaced. Throws ConfigError for a place that cannot be written, such as an address. */
  async save(folder: FilePlace): Promise<void> {
    for (const { path, blob } of await unzipFiles(this.zip(), 'sae.zip')) {
      await machine.write(folder, path, new Uint8Array(await blob.arrayBuffer()));
    }
  }

  /** cfg.json and sae_weights.safetensors in one file, which the app opens when it is dropped there. */
  zip(): File {
    const bytes = packSae(this.facts, this.params, { statistics: null, carried: null });
    return new File([bytes], `${this.name.replace(/[^\w.-]+/g, '_')}.zip`, {
      type: 'application/zip',
    });
  }

  /** Makes it known to a model's engine, and returns how it is known there. */
  async openIn(session: Session): Promise<SaeFacts> {
    if (this.folder !== null) return machine.openSae(session, this.folder);
    const files: ModelFile[] = [{ path: 'sae.zip', blob: this.zip() }];
    const opened = await session.engine.sae.import(files);
    if (opened.ok) return opened.value;
    throw new Error(opened.problem.what);
  }
}

/** statistics.bin beside its weights, written there where that can be done; null: it lies nowhere. */
export function statisticsOf({ folder }: Sae): StatisticsFile | null {
  if (folder === null) return null;
  return {
    read: () => machine.read(folder, STATISTICS_FILE),
    async write(bytes) {
      if (machine.isWritable(folder)) await machine.write(folder, STATISTICS_FILE, bytes);
    },
  };
}
