// `nanoscope circuit`: the attribution graph of what a checkpoint predicts after a text, as Neuronpedia and
// circuit-tracer read it.
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { GRAPH_OPTIONS, type GraphOptions } from '../core/circuits/buildGraph';
import { nodeInfluence, PRUNE_OPTIONS } from '../core/circuits/graphScores';
import { elementAt } from '../core/elementAt';
import type { Circuit } from '../engine/circuits/api';
import { targetOf, traceIn } from '../engine/circuits/circuitRequest';
import { openTranscoders, writeTranscoderSet } from '../node/circuits';
import { valueOf, type Session } from '../engine/session';
import { openCheckpoint } from '../node/session';
import {
  openCommandSession,
  printJson,
  refuseInterrupted,
  untilInterrupted,
  type CliIo,
} from './io';
import { number, pathOf, wholeNumber, withCommon, type CommonOptions } from './options';
import { createProgress } from './progress';

type CircuitOptions = CommonOptions & {
  checkpoint: string;
  step?: number;
  transcoders: string;
  text: string;
  target?: string;
  against?: string;
  maxFeatures: number;
  nodeShare: number;
  edgeShare: number;
  out: string;
  transcoderSet?: string;
};

const EXAMPLES = `
Examples:
  nanoscope train --checkpoint public/demo --activation transcoder --output-dir transcoders
  nanoscope circuit --checkpoint public/demo --transcoders transcoders --text "Once upon a" --out graph.json
  nanoscope circuit --checkpoint public/demo --transcoders transcoders --text "Tom and his mom went to the" --target " park" --against " store" --out graph.json

docs/circuits.md says what the figures mean.`;

export function addCircuitCommand(program: Command, io: CliIo): void {
  const command = program
    .command('circuit')
    .description('trace which features made a checkpoint predict its next token')
    .requiredOption(
      '--checkpoint <path>',
      'folder of nanochat or transformers files, or model_<step>.pt',
    )
    .option('--step <number>', 'of several checkpoints (default: the latest)', wholeNumber)
    .requiredOption('--transcoders <path>', 'folder with a transcoder of every block')
    .requiredOption('--text <text>', 'what the model reads; its next token is explained')
    .option('--target <token>', 'explain this token instead of the likeliest ones')
    .option('--against <token>', 'explain --target over this token')
    .option(
      '--max-features <number>',
      'features that are traced further',
      wholeNumber,
      GRAPH_OPTIONS.maxLatents,
    )
    .option(
      '--node-share <number>',
      'of the influence, that the nodes written hold',
      number,
      PRUNE_OPTIONS.nodeShare,
    )
    .option('--edge-share <number>', 'the same of edges', number, PRUNE_OPTIONS.edgeShare)
    .option('--out <path>', 'where the graph goes', 'graph.json')
    .option('--transcoder-set <path>', 'folder for the transcoders as circuit-tracer reads them');
  withCommon(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: CircuitOptions) => {
      const session = await openCommandSession(io, options);
      const circuit = await trace(io, session, options);
      const out = pathOf(io, options.out);
      const { nodeShare, edgeShare } = options;
      const blob = valueOf(
        await session.engine.circuits.exportJson({
          circuit,
          prune: { nodeShare, edgeShare },
          labels: [],
          pinned: [],
          supernodes: [],
        }),
      );
      await writeFile(out, new Uint8Array(await blob.arrayBuffer()));
      if (options.transcoderSet !== undefined) {
        await writeTranscoderSet(session, circuit, pathOf(io, options.transcoderSet));
      }
      await session.close();
      if (options.json === true) printJson(io, { out, ...figuresOf(circuit) });
      else io.print(`${blockOf(circuit)}\n${out}`);
    });
}

async function trace(io: CliIo, session: Session, options: CircuitOptions): Promise<Circuit> {
  const model = await openCheckpoint(session, {
    path: pathOf(io, options.checkpoint),
    ...(options.step !== undefined && { step: options.step }),
  });
  refuseInterrupted(io);
  const saes = await openTranscoders(session, model, pathOf(io, options.transcoders));
  const target = await targetOf(session, options.target ?? null, options.against ?? null);
  const graph: Partial<GraphOptions> = { target, maxLatents: options.maxFeatures };
  const progress = createProgress(io);
  try {
    return await untilInterrupted(io, session, (jobId) =>
      traceIn(session, {
        request: { text: options.text, saeIds: saes.map(({ saeId }) => saeId), options: graph },
        jobId,
        onProgress: progress.show,
      }),
    );
  } finally {
    progress.end();
  }
}

function figuresOf({ graph, scores, tokens, logits, saeIds, modelId }: Circuit) {
  const ofLogits = graph.nodes.filter((node) => node.kind === 'logit');
  return {
    model: modelId,
    transcoders: saeIds,
    tokens: tokens.length,
    logits: logits.map(({ token, against }, i) => ({
      token: token.text,
      against: against?.text ?? null,
      probability: elementAt(ofLogits, i).probability,
    })),
    features: graph.nodes.filter(({ kind }) => kind === 'latent').length,
    replacementScore: scores.replacement,
    completenessScore: scores.completeness,
    leftOut: graph.leftOut,
    identityError: graph.identityError,
  };
}

/** Features shown on the terminal. */
const STRONGEST = 10;

function blockOf(circuit: Circuit): string {
  const { graph, tokens } = circuit;
  const f = figuresOf(circuit);
  const logits = f.logits.map(({ token, against, probability }) => {
    const over = against === null ? '' : ` over ${JSON.stringify(against)}`;
    return `${JSON.stringify(token)}${over} ${percent(probability)}`;
  });
  const influence = nodeInfluence(graph);
  const strongest = [...graph.nodes.entries()]
    .flatMap(([at, node]) => (node.kind === 'latent' ? [{ at, node }] : []))
    .sort((a, b) => elementAt(influence, b.at) - elementAt(influence, a.at))
    .slice(0, STRONGEST)
    .map(({ at, node: { layer, latentIndex, position } }) => {
      const where = JSON.stringify(elementAt(tokens, position).text);
      return `  block ${layer} feature ${latentIndex} on ${where} (token ${position})  ${percent(elementAt(influence, at))}`;
    });
  return `Explained: ${logits.join(', ')}
${f.features} features traced
replacement score    ${percent(f.replacementScore)}   (influence from tokens rather than from what transcoders leave over)
completeness score   ${percent(f.completenessScore)}
not traced           ${percent(f.leftOut)}   (influence through features beyond --max-features)
identity error       ${f.identityError.toExponential(1)}
Features with most influence
${strongest.join('\n')}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
