// Puts a chart of src/charts on the page: measures its size, draws, offers the numbers as a table.
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { Size } from '../../charts/svg';
import { useWidth } from '../hooks/useWidth';
import type { GlossaryTerm } from './text/glossary';
import { Term } from './text/Term';
import dataStyles from './look/data.module.css';
import figureStyles from './look/figure.module.css';
import wordStyles from './look/words.module.css';

export type DataTable = { columns: readonly string[]; rows: readonly (readonly string[])[] };

type ChartFigureProps = {
  title: string;
  /** explains the title */
  term?: GlossaryTerm | undefined;
  /** beside the title: the latest value */
  value?: ReactNode;
  height: number;
  /** must be the same function as long as its data is the same */
  draw: (size: Size, document: Document) => SVGSVGElement;
  /** called only when opened */
  table: () => DataTable;
  /** drawn over the plot, e.g. a cursor; receives the plot's width */
  overlay?: (width: number) => ReactNode;
  onPoint?: (offsetX: number | null, width: number) => void;
  /** a press on the plot, pixels from its top left */
  onPress?: (at: { x: number; y: number }, size: Size) => void;
};

export function ChartFigure(props: ChartFigureProps) {
  const { title, term, value, height, draw, table, overlay, onPoint, onPress } = props;
  const plot = useRef<HTMLDivElement>(null);
  const width = useWidth(plot);
  useLayoutEffect(() => {
    const holder = plot.current?.firstElementChild;
    holder?.replaceChildren(draw({ width, height }, document));
  }, [draw, width, height]);
  return (
    <figure className={figureStyles.figure}>
      <div className={figureStyles.figureHead}>
        <h3>{term === undefined ? title : <Term of={term}>{title}</Term>}</h3>
        {value !== undefined && <span className={figureStyles.figureValue}>{value}</span>}
      </div>
      <div
        className={figureStyles.figurePlot}
        data-plot
        ref={plot}
        style={{ height }}
        onPointerMove={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          onPoint?.(event.clientX - box.left, width);
        }}
        onPointerLeave={() => onPoint?.(null, width)}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const at = { x: event.clientX - box.left, y: event.clientY - box.top };
          onPress?.(at, { width, height });
        }}
      >
        <div />
        {overlay?.(width)}
      </div>
      <ShowData title={title} table={table} />
    </figure>
  );
}

/** The numbers behind a chart, on request. */
export function ShowData({ title, table }: { title: string; table: () => DataTable }) {
  const [open, setOpen] = useState(false);
  const data = open ? table() : null;
  return (
    <details className={dataStyles.details} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Show data<span className={wordStyles.visuallyHidden}> of {title}</span>
      </summary>
      {data !== null && (
        <div
          className={dataStyles.scroll}
          tabIndex={0}
          role="region"
          aria-label={`Data of ${title}`}
        >
          <table className={dataStyles.table}>
            <thead>
              <tr>
                {data.columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, j) => (
                    <td key={j}>{cell}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
