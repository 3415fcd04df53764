// What the kernels of one training step take here, for who wonders where the time goes; or why it cannot be known.
import {
  shareOfLimit,
  type KernelTime,
  type StepProfile as Profile,
  type StepProfiling,
  type Work,
} from '../../core/train/stepProfile';
import { measure, percent } from '../parts/text/numberText';
import { classNames } from '../parts/look/classNames';
import dataStyles from '../parts/look/data.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './StepProfile.module.css';

/** profile: null before a step was measured */
export function StepProfile({ profile }: { profile: StepProfiling | null }) {
  return (
    <details className={dataStyles.details}>
      <summary>Where a step’s time goes</summary>
      {profile !== null && !('why' in profile) ? (
        <KernelTable {...profile} />
      ) : (
        <p className={classNames(wordStyles.muted, wordStyles.small)}>
          {profile === null
            ? 'It appears once a step was measured.'
            : `Not known by kernel: ${profile.why}`}
        </p>
      )}
    </details>
  );
}

function KernelTable({ kernels, limits }: Profile) {
  const total = kernels.reduce((sum, { ms }) => sum + ms, 0);
  return (
    <>
      <div className={classNames(dataStyles.scroll, styles.scroll)}>
        <table className={dataStyles.table}>
          <caption className={wordStyles.visuallyHidden}>Kernels of one training step</caption>
          <thead>
            <tr>
              <th scope="col" className={styles.name}>
                kernel
              </th>
              <th scope="col">ms</th>
              <th scope="col">GFLOP/s</th>
              <th scope="col">GB/s</th>
              <th scope="col">of the limit</th>
            </tr>
          </thead>
          <tbody>
            {kernels.map((kernel) => (
              <KernelRow key={kernel.name} kernel={kernel} limits={limits} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {measure(total)} ms in all, a mean of three steps; the clock may go in steps of 0.1 ms.
        Limits measured here: {measure(limits.flop / 1e9)} GFLOP/s of multiplying,{' '}
        {measure(limits.bytes / 1e9)} GB/s of copying. Above 100 %, a cache saved traffic.
      </p>
    </>
  );
}

function KernelRow({ kernel, limits }: { kernel: KernelTime; limits: Work }) {
  const { name, ms, work } = kernel;
  const rate = (amount: number | undefined) =>
    amount === undefined || ms <= 0 ? '' : measure(amount / ms / 1e6);
  const share = shareOfLimit(kernel, limits);
  return (
    <tr>
      <th scope="row" className={styles.name}>
        {name}
      </th>
      <td>{measure(ms)}</td>
      <td>{rate(work?.flop)}</td>
      <td>{rate(work?.bytes)}</td>
      <td>{share === null ? '' : percent(share)}</td>
    </tr>
  );
}
