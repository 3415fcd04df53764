// What of shared content has room in a link: of a list as many features as can be, then as many examples of each.
import { withoutLeads, type SharedContent } from '../../core/share/sharedContent';
import { packPayload } from '../../formats/share/sharedPacking';

/** What stands before an example proves it, and is given up before a list gets shorter than this. */
const FEWEST_PROVEN = 3;
const EXAMPLES = [5, 3, 2, 1];

type Fitted = { payload: string; content: SharedContent };

/** The fullest form whose payload has at most `room` characters; null: none has. */
export async function fitLink(content: SharedContent, room: number): Promise<Fitted | null> {
  const pack = async (form: SharedContent): Promise<Fitted | null> => {
    const payload = await packPayload(form);
    return payload.length <= room ? { payload, content: form } : null;
  };
  const whole = await pack(content);
  if (whole !== null) return whole;
  const all = content.features.length;
  const forms = [
    { form: content, fewest: Math.min(all, FEWEST_PROVEN) },
    { form: withoutLeads(content), fewest: Math.min(all, 1) },
  ];
  for (const { form, fewest } of forms) {
    for (let features = all; features >= fewest; features--) {
      if ((await pack(cut(form, features, 1))) === null) continue;
      for (const examples of EXAMPLES) {
        const fitted = await pack(cut(form, features, examples));
        if (fitted !== null) return fitted;
      }
    }
  }
  return null;
}

function cut(content: SharedContent, features: number, examples: number): SharedContent {
  const kept = content.features.slice(0, features);
  return {
    ...content,
    features: kept.map((one) => ({ ...one, examples: one.examples.slice(0, examples) })),
  };
}
