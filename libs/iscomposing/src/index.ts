export type { Composer, ComposerEffect, ComposerInput, ComposerRules, ComposerStep } from './composer.ts';
export { composerTable, defaultComposerRules, newComposer, stepComposer } from './composer.ts';
export { isComposingLimits, readIsComposing, serialiseIsComposing } from './document.ts';
export type { ComposingState, IsComposing } from './is-composing.ts';
export { isComposingNamespace, isComposingType } from './is-composing.ts';
export type { Receiver, ReceiverEffect, ReceiverInput, ReceiverRules, ReceiverStep } from './receiver.ts';
export { defaultReceiverRules, newReceiver, receiverTable, stepReceiver } from './receiver.ts';
