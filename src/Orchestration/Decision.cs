using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What a decision function answers: the new state, what the shell must do in this order, and why.</summary>
/// <param name="State">The state after the event.</param>
/// <param name="Effects">What the shell carries out, in order.</param>
/// <param name="Reason">One sentence for people; empty when nothing worth telling happened.</param>
/// <typeparam name="TState">An immutable state record.</typeparam>
/// <typeparam name="TEffect">The closed family of effects.</typeparam>
public readonly record struct Decision<TState, TEffect>(TState State, ImmutableArray<TEffect> Effects, string Reason);
