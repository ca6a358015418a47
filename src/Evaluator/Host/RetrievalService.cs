using Colony.Data;
using Colony.Rpc;
using Google.Protobuf.Reflection;
using Proto = Colony.Protos.V1;

namespace Colony.Evaluator;

/// <summary>Answers searches over the newest index. One search at a time, because they share the model.</summary>
internal sealed class RetrievalService : IDisposable
{
    /// <summary>Results of one search at most.</summary>
    private const int MaxTop = 100;

    private const int DefaultTop = 10;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private TrainedModel? _model;
    private Judged? _judged;

    public void Register(RpcServer server)
    {
        ServiceDescriptor service = Proto.RetrievalReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Retrieval");
        server.AddUnary(
            RpcMethods.Find<Proto.SearchByTextRequest, Proto.SearchReply>(service, "SearchByText"), TextAsync);
        server.AddUnary(
            RpcMethods.Find<Proto.SearchByImageRequest, Proto.SearchReply>(service, "SearchByImage"), ImageAsync);
    }

    /// <summary>Takes over a judged snapshot; searches see it from then on.</summary>
    public void Publish(TrainedModel model, Judged judged)
    {
        _gate.Wait();
        try
        {
            _judged?.Dispose();
            (_model, _judged) = (model, judged);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _judged?.Dispose();
        _gate.Dispose();
    }

    private Task<Proto.SearchReply> TextAsync(
        Proto.SearchByTextRequest request, RpcContext context, CancellationToken cancellationToken) =>
        AnswerAsync((search, top) => search.ByText(request.Text, top), request.Top, cancellationToken);

    private Task<Proto.SearchReply> ImageAsync(
        Proto.SearchByImageRequest request, RpcContext context, CancellationToken cancellationToken) =>
        AnswerAsync((search, top) => search.ByImage(request.Image, top), request.Top, cancellationToken);

    private async Task<Proto.SearchReply> AnswerAsync(
        Func<SceneSearch, int, IReadOnlyList<SearchHit>> ask, uint top, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_model is null || _judged is null)
            {
                throw new RpcException(StatusCode.Unavailable, "no snapshot has been judged yet; ask again later");
            }

            var search = new SceneSearch(_model, _judged);
            int wanted = top == 0 ? DefaultTop : (int)Math.Min(top, MaxTop);
            var reply = new Proto.SearchReply { Step = _judged.Step };
            reply.Hits.AddRange(ask(search, wanted).Select(
                h => new Proto.SearchHit { Id = h.Id, Score = h.Score, Caption = h.Caption }));
            return reply;
        }
        catch (DataException wrong)
        {
            throw new RpcException(StatusCode.InvalidArgument, wrong.Message);
        }
        finally
        {
            _gate.Release();
        }
    }
}
