// An SAE in the hands of a program: its facts and parameters, from and to a folder of SAELens' files.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SaeParams } from '../core/sae/sae';
import type { SaeFacts } from '../engine/sae/api';
import { packSae } from '../engine/sae/saeFiles';
import { unzipFiles } from '../formats/archives/archive';
import type { ModelFile } from '../engine/shared/api';
import { openSaeFolder } from '../node/saeFolder';
import { openSession, type Session } from '../node/session';

/** A sparse autoencoder, folded: activations are in model units, decoder rows have norm 1. */
export class Sae {
  /** hook point, sizes, architecture, how it was trained as far as that is known */
  readonly facts: SaeFacts;
  /** W_enc [d_in, d_sae], b_enc [d_sae], W_dec [d_sae, d_in], b_dec [d_in], and its rule of activation */
  readonly params: SaeParams;
  /** where it was read from; null: it is not stored */
  readonly folder: string | null;

  constructor(facts: SaeFacts, params: SaeParams, folder: string | null = null) {
    this.facts = facts;
    this.params = params;
    this.folder = folder;
  }

  /** Reads a folder with cfg.json and sae_weights.safetensors (SAELens 6 and later; topk, standard, jumprelu, gated).
   *  Throws ConfigError naming a missing file, ProblemError where a file is broken or a shape is not as cfg.json says. */
  static async open(folder: string): Promise<Sae> {
    const session = await openSession({ device: 'cpu' });
    const facts = await openSaeFolder(session, folder);
    return new Sae(facts, await session.hosts.library.params(facts.saeId), folder);
  }

  /** What it is called: its folder's name, or a name made of hook point and recipe. */
  get name(): string {
    return this.folder === null ? this.facts.name : basename(this.folder);
  }

  /** Writes cfg.json and sae_weights.safetensors into the folder, which is made where it is missing; files of those
   *  names are replaced. */
  async save(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const { path, blob } of await unzipFiles(this.#zip(), 'sae.zip')) {
      await writeFile(join(folder, path), new Uint8Array(await blob.arrayBuffer()));
    }
  }

  /** Makes it known to a model's engine, and returns how it is known there. */
  async openIn(session: Session): Promise<SaeFacts> {
    if (this.folder !== null) return openSaeFolder(session, this.folder);
    const files: ModelFile[] = [{ path: 'sae.zip', blob: this.#zip() }];
    const opened = await session.engine.sae.import(files);
    if (opened.ok) return opened.value;
    throw new Error(opened.problem.what);
  }

  #zip(): Blob {
    return new Blob([packSae(this.facts, this.params, { statistics: null, carried: null })]);
  }
}
