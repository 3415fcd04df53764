// Where a latent fires most: windows of text, coloured by activation.
import { useCallback, useMemo, useState, type CSSProperties } from 'react';
import type { CorpusName, Example, ExampleToken } from '../../engine/api';
import { count, measure, percent } from '../numberText';
import { Segmented } from '../parts/Segmented';
import { TokenRow } from '../parts/TokenRow';
import type { TokenMark } from '../parts/tokenMark';
import { lineGlyphs, spokenToken } from '../tokenText';
import { ExampleTools } from './ExampleTools';
import { activationFill } from './activationFill';

type Context = '5' | '16' | 'full';
const CONTEXTS: readonly { value: Context; label: string }[] = [
  { value: '5', label: '±5' },
  { value: '16', label: '±16' },
  { value: 'full', label: 'Full' },
];

type ExamplesProps = {
  examples: readonly Example[];
  maxAct: number;
  /** the text they are from; absent: the bundled one */
  corpus: CorpusName | undefined;
};

export function Examples({ examples, maxAct, corpus }: ExamplesProps) {
  const [context, setContext] = useState<Context>('16');
  return (
    <div className="figure">
      <div className="panel-head">
        <h3>Top examples</h3>
        <div className="button-row">
          <span className="ramp" aria-hidden="true">
            0 <span className="ramp-bar" /> {measure(maxAct)}
          </span>
          <Segmented label="Context" value={context} options={CONTEXTS} onChange={setContext} />
        </div>
      </div>
      <p className="muted small">
        {corpus === undefined || corpus.isDemo
          ? 'From the bundled corpus, which the demo model wrote itself: its statements are not facts.'
          : `From the text ${corpus.name}.`}
      </p>
      {examples.length === 0 && <p className="muted">No example was kept.</p>}
      <ol aria-label="Top examples">
        {examples.map((example, i) => (
          <ExampleRow key={i} example={example} maxAct={maxAct} context={context} rank={i + 1} />
        ))}
      </ol>
    </div>
  );
}

type ExampleRowProps = { example: Example; maxAct: number; context: Context; rank: number };

function ExampleRow({ example, maxAct, context, rank }: ExampleRowProps) {
  const { tokens, start } = useMemo(() => windowOf(example, context), [example, context]);
  const toMark = useCallback(
    (token: ExampleToken, i: number) => markExample(token, maxAct, start + i === example.peak),
    [maxAct, start, example.peak],
  );
  return (
    <li className="example">
      <div className="example-act" title={String(example.act)}>
        {measure(example.act)}
        {example.repeats > 1 && (
          <span title={`Seen ${count(example.repeats)} times`}> ×{example.repeats}</span>
        )}
      </div>
      <TokenRow label={`Example ${rank}`} tokens={tokens} toMark={toMark} />
      <ExampleTools example={example} rank={rank} />
    </li>
  );
}

function windowOf(example: Example, context: Context) {
  const reach = context === 'full' ? Infinity : Number(context);
  const start = Math.max(0, example.peak - reach);
  return { start, tokens: example.tokens.slice(start, example.peak + reach + 1) };
}

function markExample(token: ExampleToken, maxAct: number, isPeak: boolean): TokenMark {
  const fill = activationFill(token.act, maxAct);
  const classes = [
    token.isSpecial ? 'special' : '',
    fill > 0 ? 'filled' : '',
    isPeak ? 'peak' : '',
  ];
  const act = measure(token.act);
  return {
    text: lineGlyphs(token.text),
    className: classes.join(' '),
    style: fill > 0 ? ({ '--u': fill.toFixed(3) } as CSSProperties) : {},
    name: `${spokenToken(token.text)}, activation ${act}`,
    details: [
      `activation ${act}`,
      ...(token.act > 0 && maxAct > 0 ? [`${percent(token.act / maxAct)} of the maximum`] : []),
    ],
  };
}
