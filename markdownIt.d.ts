// What guidePages.ts uses of markdown-it, which comes without types.
declare module 'markdown-it' {
  type Token = {
    type: string;
    tag: string;
    content: string;
    info: string;
    attrGet: (name: string) => string | null;
  };
  type Rule = (tokens: readonly Token[], at: number) => string;
  export default class MarkdownIt {
    constructor(options: { html: boolean });
    readonly renderer: { rules: Record<string, Rule> };
    render(source: string): string;
  }
}
