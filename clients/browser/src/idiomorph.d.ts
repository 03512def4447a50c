/** As much of it as is used here; it comes without types of its own. */
declare module "idiomorph" {
  interface Options {
    morphStyle: "innerHTML" | "outerHTML";
    ignoreActiveValue?: boolean;
    callbacks?: {
      beforeNodeMorphed?: (old: Node, fresh: Node) => boolean;
      beforeAttributeUpdated?: (name: string, old: Element, type: "update" | "remove") => boolean;
    };
  }
  export const Idiomorph: {
    morph: (old: Element, fresh: HTMLCollection, options: Options) => Node[];
  };
}
